#include "accuracy/oks.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace perch;
using accuracy::keypoint_similarity;
using accuracy::TruePoint;

TEST_CASE("keypoints that are off by their own scatter are e^-1/2 alike, unlabelled ones do not count") {
  constexpr double kArea = 10000;  // scale 100 px; the nose scatters by 2 · 0.026 · 100 = 5.2 px
  std::vector<TruePoint> truth(17);
  truth[0] = {{50, 50}, 2};
  Pose pose{0, 1, std::vector<Keypoint>(17)};
  pose.points[0].at_px = {50, 50};
  CHECK(keypoint_similarity(pose, truth, kArea) == doctest::Approx(1));
  pose.points[0].at_px = {50, 55.2F};
  CHECK(keypoint_similarity(pose, truth, kArea) == doctest::Approx(std::exp(-0.5)));

  truth[16] = {{10, 10}, 1};
  pose.points[16].at_px = {5000, 5000};
  CHECK(keypoint_similarity(pose, truth, kArea) == doctest::Approx(std::exp(-0.5) / 2));
  CHECK(keypoint_similarity({}, truth, kArea) == 0);
  CHECK(keypoint_similarity(pose, std::vector<TruePoint>(17), kArea) == 0);
}
