#include "anomaly/scoring.hpp"

#include <array>
#include <cmath>
#include <random>

#include <doctest/doctest.h>

namespace perch::trainer {

namespace {

/// Points around (3, −1), long along the diagonal: x + y varies by 2, x − y by 0.1.
FeatureSet cloud() {
  std::mt19937 engine(7);
  std::normal_distribution<float> draw;
  FeatureSet set{2, {}};
  for (int i = 0; i < 5000; ++i) {
    const float along = 2 * draw(engine), across = 0.1F * draw(engine);
    set.values.insert(set.values.end(), {3 + (along + across) / 2, -1 + (along - across) / 2});
  }
  return set;
}

}  // namespace

TEST_CASE("Mahalanobis distance counts in spreads: far along what varies is near, a little across is far") {
  const Affine map = whitening(cloud(), 0);
  const auto distance = [&](float x, float y) { return mahalanobis(map, std::array{x, y}.data()); };
  CHECK(distance(3, -1) == doctest::Approx(std::sqrt(kRootGuard)).epsilon(0.5));
  CHECK(distance(4, 0) == doctest::Approx(std::sqrt(1 + kRootGuard)).epsilon(0.05));  // x + y is one spread of 2 more
  CHECK(distance(3.2F, -1.2F) == doctest::Approx(4).epsilon(0.05));  // x − y is four spreads of 0.1 more
}

TEST_CASE("features that never vary do not explode") {
  FeatureSet still{2, {}};
  for (int i = 0; i < 100; ++i) still.values.insert(still.values.end(), {static_cast<float>(i % 10), 5});
  const Affine map = whitening(still);
  CHECK(std::isfinite(mahalanobis(map, std::array{5.0F, 5.0F}.data())));
  CHECK(mahalanobis(map, std::array{5.0F, 6.0F}.data()) > mahalanobis(map, std::array{9.0F, 5.0F}.data()));
}

TEST_CASE("a memory keeps the corners first, and knows what it has seen") {
  FeatureSet grid{2, {}};
  for (int y = 0; y < 11; ++y)
    for (int x = 0; x < 11; ++x) grid.values.insert(grid.values.end(), {static_cast<float>(x), static_cast<float>(y)});
  const Memory memory = remember(grid, 5, 60);  // begins in the middle
  REQUIRE(memory.kept.count() == 5);
  for (const float x : {0.0F, 10.0F})
    for (const float y : {0.0F, 10.0F})
      CHECK(memory.distance(std::array{x, y}.data()) == doctest::Approx(std::sqrt(kRootGuard)));
  CHECK(memory.distance(std::array{40.0F, 5.0F}.data()) > 5);
}

TEST_CASE("a memory holds nothing twice") {
  FeatureSet same{1, std::vector<float>(50, 2.5F)};
  CHECK(remember(same, 10, 0).kept.count() == 1);
}

}  // namespace perch::trainer
