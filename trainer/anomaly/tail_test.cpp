#include "anomaly/tail.hpp"

#include <cmath>
#include <random>

#include <doctest/doctest.h>

namespace perch::trainer {

namespace {

std::vector<double> exponential(int count, unsigned seed) {
  std::mt19937 engine(seed);
  std::exponential_distribution<double> draw(1);
  std::vector<double> scores;
  for (int i = 0; i < count; ++i) scores.push_back(draw(engine));
  return scores;
}

}  // namespace

TEST_CASE("a share that was seen is read off the scores") {
  std::vector<double> scores;
  for (int i = 0; i < 1000; ++i) scores.push_back(i);
  CHECK(tail_threshold(scores, 0.01) == 990);
}

TEST_CASE("beyond what was seen the tail goes on as it was") {
  double mean = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) mean += tail_threshold(exponential(1000, seed), 1e-4) / 20;
  CHECK(mean == doctest::Approx(-std::log(1e-4)).epsilon(0.15));
}

TEST_CASE("a rarer alarm wants a higher threshold") {
  const std::vector<double> scores = exponential(500, 3);
  double before = 0;
  for (const double share : {0.1, 0.01, 1e-3, 1e-4, 1e-5}) {
    const double threshold = tail_threshold(scores, share);
    CHECK(threshold > before);
    before = threshold;
  }
}

TEST_CASE("scores that are all alike are no alarm") {
  CHECK(tail_threshold(std::vector<double>(100, 2.0), 1e-4) > 2.0);
}

TEST_CASE("a frame a minute, three in a row, one alarm a week: three in ten thousand frames may be above") {
  CHECK(allowed_share(1, 3, 60) == doctest::Approx(3.0 / 10'080));
  CHECK(allowed_share(1e9, 3, 60) == 0.5);
}

}  // namespace perch::trainer
