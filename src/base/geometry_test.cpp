#include "base/geometry.hpp"

#include <doctest/doctest.h>

using namespace perch;

TEST_CASE("a box knows its edges, its middle and its area") {
  const Box box = Box::from_corners(10, 20, 40, 60);
  CHECK(box == Box{10, 20, 30, 40});
  CHECK(box.right() == 40);
  CHECK(box.bottom() == 60);
  CHECK(box.center() == Point{25, 40});
  CHECK(box.area() == 1200);
  CHECK(Box{0, 0, -5, 10}.area() == 0);
}

TEST_CASE("boxes that only touch have nothing in common") {
  const Box a{0, 0, 10, 10};
  CHECK(intersection(a, {10, 0, 5, 5}).area() == 0);
  CHECK(intersection(a, {50, 50, 5, 5}).area() == 0);
  CHECK(intersection(a, {5, 5, 10, 10}) == Box{5, 5, 5, 5});
  CHECK(intersection(a, {2, 3, 4, 5}) == Box{2, 3, 4, 5});
}

TEST_CASE("intersection over union goes from nothing to one") {
  const Box a{0, 0, 10, 10};
  CHECK(iou(a, a) == 1);
  CHECK(iou(a, {20, 20, 10, 10}) == 0);
  CHECK(iou(a, {5, 0, 10, 10}) == doctest::Approx(1.0 / 3));
  CHECK(iou({}, {}) == 0);
}

TEST_CASE("a quadrilateral is a box only when it stands upright and is not turned") {
  const Quad upright = Quad::from_box({3, 4, 10, 20});
  CHECK(upright.is_box());
  CHECK(upright.bounds() == Box{3, 4, 10, 20});
  const Quad turned{{upright.corners[1], upright.corners[2], upright.corners[3], upright.corners[0]}};
  CHECK_FALSE(turned.is_box());
  CHECK(turned.bounds() == Box{3, 4, 10, 20});
  const Quad askew{{Point{0, 0}, Point{10, 1}, Point{10, 10}, Point{0, 10}}};
  CHECK_FALSE(askew.is_box());
  CHECK_FALSE(Quad::from_box({3, 4, 0, 20}).is_box());
}
