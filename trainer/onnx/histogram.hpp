#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace perch::trainer {

/// How often values were seen, of a range that grows with them: one pass, whatever comes.
///
/// Bins are as wide as a power of two and begin at multiples of it, so that two neighbours become one exactly when the
/// range outgrows them. @thread one at a time
class Histogram {
 public:
  static constexpr std::size_t kBins = 4096;

  struct Bin {
    float begin = 0, end = 0;  ///< within what was seen
    std::uint64_t count = 0;
  };

  /// Those that are not finite are left out.
  void add(std::span<const float> values);

  bool empty() const { return empty_; }

  float low() const { return low_; }  ///< the smallest value; 0 when empty

  float high() const { return high_; }  ///< the largest value; 0 when empty

  Bin bin(std::size_t at) const;

 private:
  void widen(float low, float high);

  bool empty_ = true;
  float low_ = 0, high_ = 0;
  float width_ = 0;         ///< of a bin
  std::int64_t first_ = 0;  ///< where bin 0 begins, in widths
  std::array<std::uint64_t, kBins> counts_{};
};

}  // namespace perch::trainer
