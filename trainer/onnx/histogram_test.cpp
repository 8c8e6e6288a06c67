#include "onnx/histogram.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

using namespace perch::trainer;

namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity();
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

Histogram of(const std::vector<float>& values) {
  Histogram histogram;
  histogram.widen(values, true);
  histogram.count(values);
  return histogram;
}

std::uint64_t counted(const Histogram& histogram) {
  return std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0});
}

}  // namespace

TEST_CASE("a histogram has every value in its bin, however many there are") {
  for (const std::size_t count : {2U, 15U, 16U, 17U, 1000U}) {
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(std::sin(static_cast<float>(i) * 1.7F) * 3 - 1);
    const Histogram histogram = of(values);
    CHECK(histogram.low == *std::ranges::min_element(values));
    CHECK(histogram.high == *std::ranges::max_element(values));
    std::vector<std::uint64_t> expected(Histogram::kBins);
    for (const float value : values) {
      const float bin = (value - histogram.low) * (1 / histogram.width());
      ++expected[static_cast<std::size_t>(std::min(bin, static_cast<float>(Histogram::kBins - 1)))];
    }
    CHECK(std::ranges::equal(histogram.counts, expected));
  }
}

TEST_CASE("what is not finite is in no limit and no bin") {
  const Histogram histogram = of({kNone, 1, kInfinite, 2, -kInfinite, 5, kNone, kNone, kNone, kNone, kNone, kNone,
                                  kNone, kNone, kNone, kNone, kInfinite, kNone, 3});
  CHECK(histogram.low == 1);
  CHECK(histogram.high == 5);
  CHECK(counted(histogram) == 4);
  CHECK(histogram.counts.front() == 1);
  CHECK(histogram.counts.back() == 1);
}

TEST_CASE("later values widen the limits, or leave them") {
  Histogram histogram;
  histogram.widen(std::vector<float>{1, 2}, true);
  histogram.widen(std::vector<float>{1.5F}, false);
  CHECK(histogram.low == 1);
  CHECK(histogram.high == 2);
  histogram.widen(std::vector<float>{-3, 7}, false);
  CHECK(histogram.low == -3);
  CHECK(histogram.high == 7);
  histogram.count(std::vector<float>{-100, 100});  // beyond the limits: the outermost bins
  CHECK(histogram.counts.front() == 1);
  CHECK(histogram.counts.back() == 1);
}

TEST_CASE("a tensor of one value, or of none that is finite, has no bins") {
  CHECK(counted(of({0, 0, 0})) == 0);
  const Histogram none = of({kNone, kInfinite});
  CHECK(none.low == 0);
  CHECK(none.high == 0);
  CHECK(counted(none) == 0);
}
