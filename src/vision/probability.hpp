#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/field.hpp"

namespace perch::vision {

/// Whether the numbers that a classifier ends with still have to be made probabilities.
enum class Softmax : std::uint8_t {
  automatic,  ///< unless they already are: none negative, sum within 1 % of 1
  on,
  off  ///< they are; only their sum is made exactly 1
};

inline float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

/// Logits → probabilities that sum to 1; `out` may be `logits`. @pre same size, not empty, all finite
void softmax(std::span<const float> logits, std::span<float> out);

/// What a classifier says of one batch element as probabilities that sum to 1. Empty when a value is not finite.
/// Errors: mismatch when the values cannot be probabilities and `how` says they are. @thread any
Result<std::vector<float>> probabilities(std::span<const float> values, Softmax how);

}  // namespace perch::vision

namespace perch::config {

template <>
struct EnumNames<vision::Softmax> {
  static constexpr std::array<std::string_view, 3> names{"auto", "on", "off"};
};

}  // namespace perch::config
