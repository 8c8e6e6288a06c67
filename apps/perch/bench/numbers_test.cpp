#include "bench/numbers.hpp"

#include <doctest/doctest.h>

using namespace perch::bench;

TEST_CASE("the median is the middle value, or lies between the two in the middle") {
  CHECK(median({}) == 0);
  CHECK(median({3}) == 3);
  CHECK(median({5, 1, 3}) == 3);
  CHECK(median({4, 1, 3, 2}) == 2.5);
}

TEST_CASE("a percentile is a value that was measured") {
  CHECK(percentile({}, 0.99) == 0);
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  CHECK(percentile(values, 0.5) == 50);
  CHECK(percentile(values, 0.99) == 99);
  CHECK(percentile(values, 1) == 100);
  CHECK(percentile(values, 0) == 1);
  CHECK(percentile({7}, 0.99) == 7);
}

TEST_CASE("growth is seen between the first and the last tenth, and one odd value is not taken for it") {
  std::vector<double> values(40, 5);
  values[1] = values[38] = 100;
  CHECK(ends(values).first == 5);
  CHECK(ends(values).last == 5);
  for (std::size_t i = 36; i < 40; ++i) values[i] = 9;
  CHECK(ends(values).last == 9);
  CHECK(ends({7}).first == 7);
  CHECK(ends({7}).last == 7);
  CHECK(ends({}).last == 0);
}

TEST_CASE("pairs are compared one by one, so that a slow minute does not count as inefficiency") {
  const std::vector<Pair> pairs{{95, 100}, {48, 50}, {96, 100}};
  const Comparison all = compare(pairs);
  CHECK(all.fps == 95);
  CHECK(all.limit_fps == 100);
  CHECK(all.efficiency == doctest::Approx(0.96));
  CHECK(all.ratio_of_medians == doctest::Approx(0.95));
}

TEST_CASE("a slice in which the limit could not be measured says nothing of efficiency") {
  const std::vector<Pair> pairs{{90, 0}, {80, 100}};
  CHECK(compare(pairs).efficiency == doctest::Approx(0.8));
  CHECK(compare({}).efficiency == 0);
  CHECK(compare({}).ratio_of_medians == 0);
}

TEST_CASE("sixteen cameras offer 80 percent of 128 frames a second when each is asked every 156 ms") {
  CHECK(interval_for(16, 128, 0.8) == doctest::Approx(0.15625));
}
