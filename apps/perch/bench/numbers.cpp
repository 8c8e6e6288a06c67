#include "bench/numbers.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"

namespace perch::bench {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  const double rank = std::ceil(part * static_cast<double>(values.size()));
  const auto last = static_cast<std::ptrdiff_t>(values.size()) - 1;
  const auto at = values.begin() + std::clamp(static_cast<std::ptrdiff_t>(rank) - 1, std::ptrdiff_t{0}, last);
  std::ranges::nth_element(values, at);
  return *at;
}

Ends ends(const std::vector<double>& values) {
  if (values.empty()) return {};
  constexpr std::ptrdiff_t kTenths = 10;
  const auto tenth = std::max<std::ptrdiff_t>(1, std::ssize(values) / kTenths);
  return {median({values.begin(), values.begin() + tenth}), median({values.end() - tenth, values.end()})};
}

double megabytes(std::size_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

Comparison compare(std::span<const Pair> pairs) {
  std::vector<double> fps, limits, ratios;
  for (const Pair& pair : pairs) {
    fps.push_back(pair.fps);
    limits.push_back(pair.limit_fps);
    if (pair.limit_fps > 0) ratios.push_back(pair.fps / pair.limit_fps);
  }
  Comparison all{median(fps), median(limits), median(ratios), 0};
  if (all.limit_fps > 0) all.ratio_of_medians = all.fps / all.limit_fps;
  return all;
}

double interval_for(int cameras, double fps, double load) {
  PERCH_ASSERT(cameras > 0 && fps > 0 && load > 0);
  return cameras / (fps * load);
}

}  // namespace perch::bench
