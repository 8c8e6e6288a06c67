#include "onnx/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace perch::trainer {

namespace {

/// Values are taken so many at a time, so that the compiler can do it with vectors.
constexpr std::size_t kAtOnce = 16;

/// Counts in several tables at once: values are often the same (0 behind a ReLU), and adding twice to one counter
/// waits.
class Counters {
 public:
  explicit Counters(const Histogram& histogram) : low_(histogram.low), bins_per_unit_(1 / histogram.width()) {}

  void add(std::span<const float> values) {
    std::array<std::uint16_t, kAtOnce> bins{};
    std::size_t i = 0;
    for (; i + kAtOnce <= values.size(); i += kAtOnce) {
      for (std::size_t lane = 0; lane < kAtOnce; ++lane) bins[lane] = bin_of(values[i + lane]);
      for (std::size_t lane = 0; lane < kAtOnce; ++lane) ++tables_[lane % kTables][bins[lane]];
    }
    for (; i < values.size(); ++i) ++tables_[0][bin_of(values[i])];
  }

  void write(Histogram& histogram) const {
    for (const auto& table : tables_)
      for (std::size_t bin = 0; bin < Histogram::kBins; ++bin) histogram.counts[bin] += table[bin];
  }

 private:
  static constexpr std::size_t kTables = 4;
  static constexpr std::uint16_t kNowhere = Histogram::kBins;  ///< the bin of what is not finite

  std::uint16_t bin_of(float value) const {
    constexpr auto kLast = static_cast<float>(Histogram::kBins - 1);
    const float at = (value - low_) * bins_per_unit_;
    const bool finite = std::abs(value) <= std::numeric_limits<float>::max();
    const float within = at > 0 ? (at < kLast ? at : kLast) : 0.0F;
    return static_cast<std::uint16_t>(finite ? static_cast<std::int32_t>(within) : kNowhere);
  }

  float low_, bins_per_unit_;
  std::array<std::array<std::uint32_t, Histogram::kBins + 1>, kTables> tables_{};
};

}  // namespace

void Histogram::widen(std::span<const float> values, bool first) {
  constexpr float kMost = std::numeric_limits<float>::max();
  std::array<float, kAtOnce> lows{}, highs{};
  lows.fill(first ? kMost : low);
  highs.fill(first ? -kMost : high);
  const auto take = [&](float value, std::size_t lane) {  // what is not finite fails both comparisons
    lows[lane] = value < lows[lane] && value >= -kMost ? value : lows[lane];
    highs[lane] = value > highs[lane] && value <= kMost ? value : highs[lane];
  };
  std::size_t i = 0;
  for (; i + kAtOnce <= values.size(); i += kAtOnce)
    for (std::size_t lane = 0; lane < kAtOnce; ++lane) take(values[i + lane], lane);
  for (; i < values.size(); ++i) take(values[i], 0);
  const float least = std::ranges::min(lows), most = std::ranges::max(highs);
  if (least > most) return;  // nothing finite yet
  low = least;
  high = most;
}

void Histogram::count(std::span<const float> values) {
  if (!std::isfinite(1 / width())) return;
  Counters counters(*this);
  counters.add(values);
  counters.write(*this);
}

}  // namespace perch::trainer
