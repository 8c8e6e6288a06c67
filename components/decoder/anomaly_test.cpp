#include "decoder/anomaly.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "support/tensors.hpp"

using namespace perch;
using decoder::anomaly::create;
using test::HandMadeTensors;
using test::placed;

namespace {

/// A model with a 32 × 24 px input and a map of 3 rows and 4 cells, in which cell (row 1, column 2) stands out.
HandMadeTensors peak(float score) {
  HandMadeTensors tensors;
  tensors.add("score", {1, 1}, score);
  tensors.add("map", {1, 1, 3, 4}, 0.5F);
  tensors.at(1, {0, 0, 1, 2}) = score;
  return tensors;
}

constexpr image::Size kInput{32, 24};

Findings decode(const HandMadeTensors& tensors, const Placement& placement, float threshold) {
  const auto made = create({threshold}, {kInput, tensors.infos(), {}}).value();
  Findings findings;
  REQUIRE(made->decode(tensors.view(), std::vector{placement}, findings));
  return findings;
}

}  // namespace

TEST_CASE("score and map are in units of the threshold, and the map lies where the region is") {
  const Findings found = decode(peak(6), placed({0, 0, 32, 24}, {100, 50, 320, 240}, 3), 4);
  REQUIRE(found.numbers.size() == 1);
  CHECK(found.numbers[0].name == "score");
  CHECK(found.numbers[0].value == 1.5);
  CHECK(found.numbers[0].region == 3);
  REQUIRE(found.grids.size() == 1);
  const Grid& grid = found.grids[0];
  CHECK(grid.region == 3);
  CHECK(grid.rows == 3);
  CHECK(grid.cols == 4);
  CHECK(grid.value[1 * 4 + 2] == 1.5F);
  CHECK(grid.value[0] == 0.125F);
  CHECK(grid.corners_px == Quad::from_box({100, 50, 320, 240}));
}

TEST_CASE("of a letterbox only the cells that show the picture are kept") {
  // The picture fills the upper two thirds of the input.
  const Findings found = decode(peak(6), placed({0, 0, 32, 16}, {0, 0, 64, 32}), 1);
  const Grid& grid = found.grids.at(0);
  CHECK(grid.rows == 2);
  CHECK(grid.cols == 4);
  CHECK(grid.value[1 * 4 + 2] == 6);
  CHECK(grid.corners_px == Quad::from_box({0, 0, 64, 32}));
}

TEST_CASE("values of the map have three decimals") {
  CHECK(decode(peak(1), placed({0, 0, 32, 24}, {0, 0, 32, 24}), 3).grids.at(0).value[6] == 0.333F);
}

TEST_CASE("numbers that are not finite say nothing") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const Placement whole = placed({0, 0, 32, 24}, {0, 0, 32, 24});
  CHECK(decode(peak(kNan), whole, 1).numbers.empty());
  HandMadeTensors half = peak(2);
  half.at(1, {0, 0, 0, 0}) = kNan;
  const Findings found = decode(half, whole, 1);
  CHECK(found.numbers.size() == 1);
  CHECK(found.grids.empty());
}

TEST_CASE("a model without a score and a map of these shapes is refused when it is loaded") {
  ModelShape model{kInput, peak(1).infos(), {}};
  model.outputs[0].shape = {-1, 2};
  CHECK(create({}, model).error().code == Errc::mismatch);
  model.outputs[0].shape = {-1, 1};
  model.outputs[1].shape = {-1, 1, -1, -1};
  const auto made = create({}, model);
  REQUIRE(made);
  model.outputs[1].shape = {-1, 3, 4};
  CHECK(create({}, model).error().code == Errc::mismatch);
  model.outputs[1].name = "heat";
  CHECK(create({}, model).error().code == Errc::mismatch);

  Findings findings;
  HandMadeTensors other;
  other.add("score", {1, 1});
  other.add("map", {1, 2, 3, 4});
  CHECK((*made)->decode(other.view(), std::vector{placed({0, 0, 32, 24}, {0, 0, 32, 24})}, findings).error().code ==
        Errc::mismatch);
}
