#include "vision/thermal.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include <doctest/doctest.h>

using perch::ThermalGrid;
using perch::vision::repair;

namespace {

ThermalGrid even(int rows, int cols, float celsius) {
  return {rows, cols, std::vector<float>(static_cast<std::size_t>(rows * cols), celsius)};
}

/// What `repair` is to do, word for word: in each round every hole beside a temperature becomes the mean of those
/// beside it, until there is none.
ThermalGrid filled_in_rounds(ThermalGrid grid) {
  for (float& value : grid.celsius)
    if (!perch::vision::is_temperature(value)) value = std::numeric_limits<float>::quiet_NaN();
  for (bool more = true; more;) {
    more = false;
    const ThermalGrid before = grid;
    for (int cell = 0; cell < grid.rows * grid.cols; ++cell) {
      if (!std::isnan(before.celsius[static_cast<std::size_t>(cell)])) continue;
      float sum = 0;
      int count = 0;
      for (int i = 0; i < grid.rows * grid.cols; ++i) {
        const bool near =
            std::abs(i / grid.cols - cell / grid.cols) <= 1 && std::abs(i % grid.cols - cell % grid.cols) <= 1;
        const float value = before.celsius[static_cast<std::size_t>(i)];
        if (!near || std::isnan(value)) continue;
        sum += value;
        ++count;
      }
      if (count == 0) continue;
      grid.celsius[static_cast<std::size_t>(cell)] = sum / static_cast<float>(count);
      more = true;
    }
  }
  return grid;
}

}  // namespace

TEST_CASE("glitches become the mean of their neighbours and are counted") {
  ThermalGrid grid{3, 3, {20, 22, 20, 22, 0, 22, 20, 22, 20}};
  repair(grid);
  CHECK(grid.celsius[4] == doctest::Approx(21));
  CHECK(grid.repaired == 1);
  for (const float absurd : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -273.15F,
                             1e30F, -0.0F, 301.0F}) {
    grid.celsius[0] = absurd;
    repair(grid);
    CHECK(grid.celsius[0] == doctest::Approx((22 + 22 + 21) / 3.0));
    CHECK(grid.repaired == 1);
  }
}

TEST_CASE("a real hot spot of one pixel, and frost, are no glitches") {
  ThermalGrid grid = even(24, 32, 21);
  grid.celsius[100] = 93.05F;
  grid.celsius[101] = -12.5F;
  const std::vector<float> before = grid.celsius;
  repair(grid);
  CHECK(grid.celsius == before);
  CHECK(grid.repaired == 0);
}

TEST_CASE("half a frame, and a hole of many pixels, are filled from their edges") {
  ThermalGrid grid = even(24, 32, 25);
  for (int i = 0; i < 24 * 32; ++i)
    if ((i / 32 + i % 32) % 2 == 0) grid.celsius[static_cast<std::size_t>(i)] = 0;
  repair(grid);
  CHECK(grid.repaired == 384);
  CHECK(grid.celsius == even(24, 32, 25).celsius);

  for (int row = 5; row < 15; ++row)
    for (int col = 5; col < 15; ++col) grid.celsius[static_cast<std::size_t>(row * 32 + col)] = 1e9F;
  repair(grid);
  CHECK(grid.repaired == 100);
  CHECK(grid.celsius == even(24, 32, 25).celsius);
}

TEST_CASE("a grid without a temperature stays without, and one that is not whole is left alone") {
  ThermalGrid dead = even(2, 2, 0);
  repair(dead);
  CHECK(dead.repaired == 4);
  for (const float value : dead.celsius) CHECK(std::isnan(value));

  ThermalGrid torn{2, 2, {0, 1, 2}};
  repair(torn);
  CHECK(torn.celsius == std::vector<float>{0, 1, 2});
  CHECK(torn.repaired == 0);
}

TEST_CASE("holes of any shape are filled ring by ring") {
  std::mt19937 random(7);
  for (const unsigned holes_in_100 : {10U, 50U, 90U, 99U}) {
    ThermalGrid grid = even(12, 17, 0);
    for (float& value : grid.celsius)
      if (random() % 100 >= holes_in_100) value = 20 + static_cast<float>(random() % 1000) / 100;
    grid.celsius[0] = 35;  // never without any
    const ThermalGrid wanted = filled_in_rounds(grid);
    repair(grid);
    CHECK(grid.celsius == wanted.celsius);
  }
}

TEST_CASE("the largest grid with one temperature is filled from it") {
  // With work in rings times holes this would not end within the time a test has.
  ThermalGrid grid = even(1024, 1024, 0);
  grid.celsius[0] = 20;
  repair(grid);
  CHECK(grid.repaired == 1024 * 1024 - 1);
  CHECK(grid.celsius == even(1024, 1024, 20).celsius);
}
