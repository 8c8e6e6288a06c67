#include "model/regions.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "support/looks.hpp"

using namespace perch;
using namespace perch::model;

namespace {

std::string error_of(const std::vector<std::vector<double>>& lists) {
  const auto regions = fixed_regions(lists);
  return regions ? std::string() : regions.error().message();
}

Detection detection(int label, float score, Box box) {
  return {0, {label}, score, box, {}};
}

constexpr image::Size kFrame{640, 480};

}  // namespace

TEST_CASE("four numbers are a box, eight are corners") {
  const auto regions = fixed_regions(std::vector<std::vector<double>>{{10, 20, 30, 40}, {0, 0, 10, 1, 11, 12, 1, 10}});
  REQUIRE(regions);
  CHECK((*regions)[0].corners_px == Quad::from_box({10, 20, 30, 40}));
  CHECK((*regions)[0].index == 0);
  CHECK((*regions)[1].index == 1);
  CHECK((*regions)[1].corners_px.corners[2] == Point{11, 12});
}

TEST_CASE("a wrong region is named by its place") {
  CHECK(test::says(error_of({{0, 0, 5, 5}, {1, 2, 3}}), "region 2: has 3 numbers"));
  CHECK(test::says(error_of({{0, 0, 0, 5}}), "region 1: has no area"));
  CHECK(test::says(error_of({{0, 0, 5, -5}}), "has no area"));
  CHECK(test::says(error_of({{0, 0, std::numeric_limits<double>::infinity(), 5}}), "no coordinate"));
  CHECK(test::says(error_of({{0, std::numeric_limits<double>::quiet_NaN(), 5, 5}}), "no coordinate"));
  CHECK(test::says(error_of({{0, 0, 10, 10, 10, 0, 0, 10}}), "do not bound a convex area"));
  CHECK(test::says(error_of({{0, 0, 10, 0, 20, 0, 30, 0}}), "do not bound a convex area"));
}

TEST_CASE("too many regions are refused") {
  CHECK(test::says(error_of(std::vector<std::vector<double>>(kMaxRegions + 1, {0, 0, 5, 5})), "too many"));
}

TEST_CASE("a region may lie partly outside the frame, but not wholly") {
  const auto regions = fixed_regions(std::vector<std::vector<double>>{{-10, -10, 20, 20}, {640, 0, 10, 10}});
  REQUIRE(regions);
  CHECK(check_inside(std::span(*regions).first(1), kFrame));
  const Result<void> inside = check_inside(*regions, kFrame);
  REQUIRE_FALSE(inside);
  CHECK(test::says(inside.error().message(), "region 2"));
  CHECK(test::says(inside.error().message(), "640 × 480"));
}

TEST_CASE("findings become regions with a margin, cut at the frame") {
  const std::vector<Detection> found{detection(0, 0.9F, {100, 100, 100, 200}), detection(0, 0.8F, {0, 0, 50, 50})};
  RegionPolicy policy;
  policy.margin = 0.25F;
  const auto regions = regions_from(found, kFrame, policy);
  REQUIRE(regions.size() == 2);
  CHECK(regions[0].corners_px.bounds() == Box{75, 50, 150, 300});
  CHECK(regions[1].corners_px.bounds() == Box{0, 0, 62.5F, 62.5F});
  CHECK(regions[1].index == 1);
}

TEST_CASE("a squared region keeps its centre and, unless cut, reaches beyond the frame") {
  const std::vector<Detection> found{detection(0, 0.9F, {0, 100, 100, 200})};
  RegionPolicy policy;
  policy.square = true;
  policy.clip = Clip::keep;
  const auto regions = regions_from(found, kFrame, policy);
  REQUIRE(regions.size() == 1);
  CHECK(regions[0].corners_px.bounds() == Box{-50, 100, 200, 200});
}

TEST_CASE("findings of other labels, too small ones and those outside the frame are left out") {
  const std::vector<Detection> found{detection(1, 0.9F, {0, 0, 50, 50}), detection(0, 0.9F, {0, 0, 50, 4}),
                                     detection(0, 0.9F, {700, 0, 50, 50}), detection(0, 0.9F, {60, 0, 50, 50})};
  const std::vector<LabelId> labels{{0}};
  const auto regions = regions_from(found, kFrame, {}, labels);
  REQUIRE(regions.size() == 1);
  CHECK(regions[0].corners_px.bounds().x == 60);
}

TEST_CASE("of too many findings the best are kept, in their order") {
  std::vector<Detection> found;
  for (int i = 0; i < 5; ++i) found.push_back(detection(0, static_cast<float>(i) / 10, {i * 20.0F, 0, 10, 10}));
  RegionPolicy policy;
  policy.max_regions = 2;
  const auto regions = regions_from(found, kFrame, policy);
  REQUIRE(regions.size() == 2);
  CHECK(regions[0].corners_px.bounds().x == 60);
  CHECK(regions[1].corners_px.bounds().x == 80);
}
