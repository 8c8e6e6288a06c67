#include "onnx/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace perch::trainer {

namespace {

constexpr auto kAllBins = static_cast<std::int64_t>(Histogram::kBins);
/// Bins no finer than this part of the largest value: floats have 24 bits.
constexpr float kFinest = 0x1p-20F;
constexpr std::size_t kBlock = 256;

struct Limits {
  float low = std::numeric_limits<float>::infinity();
  float high = -std::numeric_limits<float>::infinity();
  bool all_finite = true;
};

/// In lanes that do not wait for each other.
Limits limits_of(std::span<const float> values) {
  constexpr std::size_t kLanes = 16;
  constexpr float kMax = std::numeric_limits<float>::max();
  std::array<float, kLanes> low{}, high{};
  std::array<int, kLanes> strange{};
  low.fill(Limits{}.low);
  high.fill(Limits{}.high);
  const auto see = [&](std::size_t lane, float value) {
    const bool finite = std::abs(value) <= kMax;
    strange[lane] |= static_cast<int>(!finite);
    low[lane] = finite && value < low[lane] ? value : low[lane];
    high[lane] = finite && value > high[lane] ? value : high[lane];
  };
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) see(lane, values[i + lane]);
  for (; i < values.size(); ++i) see(0, values[i]);
  return {std::ranges::min(low), std::ranges::max(high), std::ranges::max(strange) == 0};
}

std::int64_t floor_to_int(float value) {
  return static_cast<std::int64_t>(std::floor(value));
}

bool fits(float low, float high, float width) {
  return floor_to_int(high / width) - floor_to_int(low / width) < kAllBins;
}

}  // namespace

void Histogram::widen(float low, float high) {
  const float largest = std::max(std::abs(low), std::abs(high));
  float width = width_;
  if (width == 0) {
    // Half of the bins at least are used: one width less would not do.
    constexpr auto kAll = static_cast<float>(kBins);
    const float fine = std::max({high / kAll - low / kAll, largest * kFinest, std::numeric_limits<float>::min()});
    width = std::exp2(std::floor(std::log2(fine)));
  }
  int doublings = 0;
  for (; width < largest * kFinest || !fits(low, high, width); width *= 2) ++doublings;
  const std::int64_t first = floor_to_int(low / width);
  if (!empty_ && (doublings > 0 || first != first_)) {
    std::array<std::uint64_t, kBins> counts{};
    for (std::int64_t bin = 0; bin < kAllBins; ++bin) {
      const std::uint64_t count = counts_[static_cast<std::size_t>(bin)];
      if (count > 0) counts[static_cast<std::size_t>(((first_ + bin) >> std::min(doublings, 63)) - first)] += count;
    }
    counts_ = counts;
  }
  width_ = width;
  first_ = first;
}

void Histogram::add(std::span<const float> values) {
  const Limits seen = limits_of(values);
  if (seen.low > seen.high) return;
  const float low = empty_ ? seen.low : std::min(low_, seen.low);
  const float high = empty_ ? seen.high : std::max(high_, seen.high);
  if (empty_ || low < low_ || high > high_) widen(low, high);
  low_ = low;
  high_ = high;
  empty_ = false;
  const float begin = static_cast<float>(first_) * width_, bins_per_unit = 1 / width_;
  constexpr auto kLast = static_cast<float>(kAllBins - 1);
  std::array<std::int32_t, kBlock> bins{};
  for (std::size_t i = 0; i < values.size(); i += kBlock) {
    const std::span<const float> block = values.subspan(i, std::min(kBlock, values.size() - i));
    if (seen.all_finite) {
      for (std::size_t j = 0; j < block.size(); ++j)
        bins[j] = static_cast<std::int32_t>(std::min((block[j] - begin) * bins_per_unit, kLast));
      for (std::size_t j = 0; j < block.size(); ++j) ++counts_[static_cast<std::size_t>(bins[j])];
    } else {
      for (const float value : block)
        if (std::isfinite(value)) ++counts_[static_cast<std::size_t>(std::min((value - begin) * bins_per_unit, kLast))];
    }
  }
}

Histogram::Bin Histogram::bin(std::size_t at) const {
  const float begin = static_cast<float>(first_ + static_cast<std::int64_t>(at)) * width_;
  return {std::clamp(begin, low_, high_), std::clamp(begin + width_, low_, high_), counts_[at]};
}

}  // namespace perch::trainer
