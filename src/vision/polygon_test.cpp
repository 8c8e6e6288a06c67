#include "vision/polygon.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace perch;
using vision::Polygon;

TEST_CASE("a point lies in a polygon or not, concave ones included") {
  const Polygon l{{0, 0}, {10, 0}, {10, 4}, {4, 4}, {4, 10}, {0, 10}};
  CHECK(vision::contains(l, {2, 8}));
  CHECK(vision::contains(l, {8, 2}));
  CHECK_FALSE(vision::contains(l, {8, 8}));
  CHECK_FALSE(vision::contains(l, {-1, 2}));
  CHECK_FALSE(vision::contains(l, {std::numeric_limits<float>::quiet_NaN(), 2}));
  CHECK_FALSE(vision::contains(Polygon{{0, 0}, {5, 5}}, {2, 2}));
}

TEST_CASE("a point on the edge that two polygons share lies in exactly one of them") {
  const Polygon left{{0, 0}, {5, 0}, {5, 10}, {0, 10}}, right{{5, 0}, {10, 0}, {10, 10}, {5, 10}};
  for (const Point p : {Point{5, 3}, Point{5, 0}}) CHECK(vision::contains(left, p) != vision::contains(right, p));
}

TEST_CASE("areas do not depend on the sense of rotation") {
  CHECK(vision::area(Polygon{{0, 0}, {4, 0}, {4, 3}}) == doctest::Approx(6));
  CHECK(vision::area(Polygon{{4, 3}, {4, 0}, {0, 0}}) == doctest::Approx(6));
  CHECK(vision::area(Polygon{{0, 0}, {4, 0}}) == 0);
}

TEST_CASE("the share of a box inside a polygon") {
  const Polygon triangle{{0, 0}, {10, 0}, {0, 10}};
  CHECK(vision::share_inside({0, 0, 10, 10}, triangle) == doctest::Approx(0.5));
  CHECK(vision::share_inside({0, 0, 2, 2}, triangle) == doctest::Approx(1));
  CHECK(vision::share_inside({8, 8, 5, 5}, triangle) == doctest::Approx(0));
  CHECK(vision::share_inside({-10, 0, 20, 10}, triangle) == doctest::Approx(0.25));
  CHECK(vision::share_inside({0, 0, 0, 10}, triangle) == 0);
  const Polygon around{{-5, -5}, {50, -5}, {50, 50}, {-5, 50}};
  CHECK(vision::share_inside({0, 0, 10, 10}, around) == doctest::Approx(1));
}
