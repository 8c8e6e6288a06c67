#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "scenes/core/vec.hpp"

namespace perch::scenes {

/// 64 well-mixed bits of a key (the finaliser of SplitMix64).
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

/// Random numbers by counter: number n of a key is a hash of both, so the same key always gives the same numbers, on
/// any machine, whatever else was drawn before. `of` gives an independent stream for each thing that needs one.
class Random {
 public:
  explicit Random(std::uint64_t key) : key_(mix_bits(key)) {}

  /// The stream of a part: a slot, a day, a car.
  template <class... Part>
  Random of(Part... part) const {
    std::uint64_t key = key_;
    ((key = mix_bits(key ^ static_cast<std::uint64_t>(part) * 0x2545f4914f6cdd1dULL)), ...);
    return Random(key);
  }

  std::uint64_t bits() { return mix_bits(key_ + ++count_); }

  /// 0 ≤ x < 1.
  float uniform() { return static_cast<float>(bits() >> 40U) * 0x1p-24F; }

  float between(float low, float high) { return low + (high - low) * uniform(); }

  /// low ≤ n ≤ high.
  int integer(int low, int high) {
    const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    return low + static_cast<int>((bits() >> 32U) * width >> 32U);
  }

  bool chance(float p) { return uniform() < p; }

  /// Mean 0, standard deviation 1.
  float normal() {
    const float radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * kPi * uniform());
  }

  template <class T, std::size_t N>
  const T& pick(std::span<const T, N> list) {
    return list[static_cast<std::size_t>(integer(0, static_cast<int>(list.size()) - 1))];
  }

  /// An index, as likely as its weight.
  std::size_t weighted(std::span<const float> weights) {
    float sum = 0;
    for (const float w : weights) sum += w;
    float x = uniform() * sum;
    for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
      if (x < weights[i]) return i;
      x -= weights[i];
    }
    return weights.size() - 1;
  }

 private:
  std::uint64_t key_;
  std::uint64_t count_ = 0;
};

}  // namespace perch::scenes
