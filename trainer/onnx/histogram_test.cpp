#include "onnx/histogram.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

namespace perch::trainer {

namespace {

/// How many of the values lie below, as the bins tell it: certain to a bin.
std::uint64_t below(const Histogram& histogram, float limit) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < Histogram::kBins; ++i)
    if (const auto bin = histogram.bin(i); bin.end <= limit) count += bin.count;
  return count;
}

std::uint64_t all(const Histogram& histogram) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < Histogram::kBins; ++i) count += histogram.bin(i).count;
  return count;
}

}  // namespace

TEST_CASE("limits are exact and nothing is lost, however the range grows") {
  std::mt19937 random{7};
  for (const float offset : {0.0F, -3.0F, 1000.0F, -1e-6F, 3e20F}) {
    Histogram histogram;
    std::vector<float> values;
    for (const float spread : {0.01F, 1.0F, 0.5F, 300.0F, 299.0F, 1e6F}) {
      std::uniform_real_distribution<float> distribution(offset - spread / 3, offset + spread);
      std::vector<float> some(777);
      for (float& value : some) value = distribution(random);
      histogram.add(some);
      values.insert(values.end(), some.begin(), some.end());
    }
    CHECK(histogram.low() == *std::ranges::min_element(values));
    CHECK(histogram.high() == *std::ranges::max_element(values));
    CHECK(all(histogram) == values.size());
  }
}

TEST_CASE("what came before the range grew lies in the bins that it would lie in had it grown first") {
  const std::vector<float> narrow{-0.4F, 0.1F, 0.11F, 0.9F, 2.0F}, wide{-700, 1200};
  Histogram grown, ready;
  grown.add(narrow);
  grown.add(wide);
  ready.add(wide);
  ready.add(narrow);
  for (std::size_t i = 0; i < Histogram::kBins; ++i) {
    CHECK(grown.bin(i).count == ready.bin(i).count);
    CHECK(grown.bin(i).begin == ready.bin(i).begin);
  }
}

TEST_CASE("bins are fine: at least half of them are used by an even spread") {
  std::vector<float> values(100'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = -1 + 3 * static_cast<float>(i) / 100'000.0F;
  Histogram histogram;
  histogram.add(values);
  std::size_t used = 0;
  for (std::size_t i = 0; i < Histogram::kBins; ++i) used += histogram.bin(i).count > 0 ? 1 : 0;
  CHECK(used >= Histogram::kBins / 2);
  CHECK(std::abs(static_cast<double>(below(histogram, 0.5F)) - 50'000) < 100'000.0 / 1024 + 1);
}

TEST_CASE("zeros, one value again and again, the smallest and the largest floats, and those that are none") {
  Histogram histogram;
  CHECK(histogram.empty());
  histogram.add({});
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN(), kInfinite = std::numeric_limits<float>::infinity();
  histogram.add(std::vector{kNone, kInfinite, -kInfinite});
  CHECK(histogram.empty());
  const std::vector<float> zeros(40, 0.0F);
  histogram.add(zeros);
  CHECK(histogram.low() == 0);
  CHECK(histogram.high() == 0);
  CHECK(all(histogram) == 40);
  histogram.add(std::vector{kNone, std::numeric_limits<float>::denorm_min(), 0.25F, kInfinite});
  CHECK(all(histogram) == 42);
  constexpr float kLargest = std::numeric_limits<float>::max();
  histogram.add(std::vector{kLargest, -kLargest});
  CHECK(all(histogram) == 44);
  CHECK(histogram.high() == kLargest);
  Histogram same;
  same.add(std::vector<float>(20, 1234.5F));
  same.add(std::vector<float>(20, 1234.5F));
  CHECK(all(same) == 40);
  CHECK(same.bin(0).begin == 1234.5F);
}

}  // namespace perch::trainer
