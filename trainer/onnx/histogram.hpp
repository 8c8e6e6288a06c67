#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace perch::trainer {

/// How often values of a tensor were seen, in bins of the same width from the smallest to the largest. What is not
/// finite is passed over. First all values widen it, then all are counted. @thread one at a time
struct Histogram {
  static constexpr std::size_t kBins = 2048;

  float low = 0, high = 0;
  std::array<std::uint64_t, kBins> counts{};

  float width() const { return (high - low) / static_cast<float>(kBins); }

  /// Takes the values into the limits. @param first  nothing was seen before
  void widen(std::span<const float> values, bool first);

  /// Counts the values; those beyond the limits fall into the outermost bins. Nothing is counted where the limits are
  /// one value.
  void count(std::span<const float> values);
};

}  // namespace perch::trainer
