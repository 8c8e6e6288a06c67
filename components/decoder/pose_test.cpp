#include "decoder/pose.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "support/tensors.hpp"

using namespace perch;
using test::HandMadeTensors;
using test::placed;

namespace {

const Box kInput{0, 0, 200, 100};

HandMadeTensors two_points() {
  HandMadeTensors tensors;
  tensors.add("pose", {1, 1, 2, 3});
  tensors.values(0) = {0.25F, 0.5F, 0.9F,  // y, x, score: (100, 25) of the input
                       1.0F,  0.0F, 0.3F};
  return tensors;
}

ModelShape shape_of(const HandMadeTensors& tensors) {
  return {{200, 100}, tensors.infos(), {"nose", "tail"}};
}

std::vector<Pose> decode(const HandMadeTensors& tensors, const Placement& placement, float min_score = 0) {
  const auto made = decoder::pose::create({min_score}, shape_of(tensors));
  REQUIRE(made);
  Findings findings;
  REQUIRE((*made)->decode(tensors.view(), std::vector{placement}, findings));
  return findings.poses;
}

}  // namespace

TEST_CASE("a pose's points go from parts of the input to pixels of the frame") {
  const auto poses = decode(two_points(), placed(kInput, {1000, 500, 400, 100}, 5));
  REQUIRE(poses.size() == 1);
  CHECK(poses[0].region == 5);
  CHECK(poses[0].score == doctest::Approx(0.6));
  REQUIRE(poses[0].points.size() == 2);
  CHECK(poses[0].points[0].at_px.x == doctest::Approx(1200));
  CHECK(poses[0].points[0].at_px.y == doctest::Approx(525));
  CHECK(poses[0].points[0].score == doctest::Approx(0.9));
  CHECK(poses[0].points[1].at_px.x == doctest::Approx(1000));
  CHECK(poses[0].points[1].at_px.y == doctest::Approx(600));
}

TEST_CASE("a pose below the score, or with a number that is not finite, is dropped") {
  CHECK(decode(two_points(), placed(kInput, kInput), 0.59F).size() == 1);
  CHECK(decode(two_points(), placed(kInput, kInput), 0.61F).empty());
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (std::size_t i = 0; i < 6; ++i) {
      HandMadeTensors tensors = two_points();
      tensors.values(0)[i] = bad;
      CHECK(decode(tensors, placed(kInput, kInput)).empty());
    }
  }
}

TEST_CASE("a model that computes nothing but NaN is an error, not a picture without people") {
  HandMadeTensors tensors = two_points();
  for (float& value : tensors.values(0)) value = std::numeric_limits<float>::quiet_NaN();
  const auto made = decoder::pose::create({}, shape_of(tensors));
  REQUIRE(made);
  Findings findings;
  CHECK((*made)->decode(tensors.view(), std::vector{placed(kInput, kInput)}, findings).error().code == Errc::internal);
}

TEST_CASE("a model that the pose decoder cannot read is refused") {
  ModelShape model = shape_of(two_points());
  model.labels = {"nose"};
  const auto made = decoder::pose::create({}, model);
  REQUIRE_FALSE(made);
  CHECK(made.error().what == "the model has 2 keypoints, but its card 1 labels");
  model.outputs[0].shape = {1, 6, 56};
  CHECK(decoder::pose::create({}, model).error().code == Errc::mismatch);

  model = shape_of(two_points());
  model.outputs[0].shape = {-1, -1, -1, -1};
  const auto open = decoder::pose::create({}, model);
  REQUIRE(open);
  HandMadeTensors seventeen;
  seventeen.add("pose", {1, 1, 17, 3});
  Findings findings;
  CHECK((*open)->decode(seventeen.view(), std::vector{placed(kInput, kInput)}, findings).error().code ==
        Errc::mismatch);
}
