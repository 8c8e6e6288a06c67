#include "learn/yolo.hpp"

#include <doctest/doctest.h>

namespace perch::learn {

TEST_CASE("a line is a box in fractions of the picture, a polygon, or a box with keypoints") {
  const YoloData boxes{"", {}, {"car", "person"}, 0, 3};
  const auto seen =
      parse_yolo_labels("1 0.5 0.5 0.2 0.1\r\n\n0 0.1 0.1 0.3 0.1 0.3 0.2 0.1 0.2\n", "t", {100, 200}, boxes);
  CHECK(seen.problems.empty());
  REQUIRE(seen.labels.size() == 2);
  CHECK(seen.labels[0].category == "person");
  CHECK(seen.labels[0].box_px.x == doctest::Approx(40));
  CHECK(seen.labels[0].box_px.y == doctest::Approx(90));
  CHECK(seen.labels[0].box_px.width == doctest::Approx(20));
  CHECK(seen.labels[1].box_px.right() == doctest::Approx(30));
  REQUIRE(seen.labels[1].corners_px);
  CHECK(seen.labels[1].corners_px->corners[2].y == doctest::Approx(40));
  const YoloData pose{"", {}, {"person"}, 2, 3};
  const auto body = parse_yolo_labels("0 0.5 0.5 0.2 0.1 0.1 0.2 2 0 0 0", "t", {100, 200}, pose);
  REQUIRE(body.labels.size() == 1);
  REQUIRE(body.labels[0].keypoints.size() == 2);
  CHECK(body.labels[0].keypoints[0].seen == 2);
  CHECK(to_yolo(body.labels, {100, 200}, pose) ==
        "0 0.500000 0.500000 0.200000 0.100000 0.100000 0.200000 2 0.000000 0.000000 0\n");
}

TEST_CASE("lines that are none of these are named, and the others kept") {
  const YoloData data{"", {}, {"car"}, 0, 3};
  const auto seen = parse_yolo_labels(
      "1 0.5 0.5 0.2 0.1\n0 0.5 0.5 0.2\n0 nan 0.5 0.2 0.1\n0 0.5 0.5 0 0.1\n0 .5 .5 .1 .1", "t", {100, 200}, data);
  CHECK(seen.labels.size() == 1);
  REQUIRE(seen.problems.size() == 4);
  CHECK(seen.problems[0].message() ==
        "t:1: there is no class '1' of 1; a line is: class, then x, y, width, height in fractions of the picture");
  CHECK(seen.problems[1].what == "is no box and no polygon");
  CHECK(seen.problems[2].where == "t:3");
  CHECK(seen.problems[3].what == "the box has no area");
}

TEST_CASE("classes as floats and a byte order mark are read") {
  const YoloData data{"", {}, {"car", "person"}, 0, 3};
  const auto seen = parse_yolo_labels(
      "\xEF\xBB\xBF"
      "1.0 0.5 0.5 0.2 0.1\n0.5 0.5 0.5 0.2 0.1\n",
      "t", {100, 200}, data);
  REQUIRE(seen.labels.size() == 1);
  CHECK(seen.labels[0].category == "person");
  CHECK(seen.problems.size() == 1);
}

TEST_CASE("what is written for other tools lies within the picture") {
  const YoloData data{"", {}, {"car"}, 1, 3};
  Label beyond{"car", {-20, 10, 40, 20}, {}, {}, {}}, outside{"car", {200, 10, 40, 20}, {}, {}, {}};
  beyond.keypoints = {{{-5, 10}, 2}};
  CHECK(to_yolo({beyond, outside}, {100, 100}, data) == "0 0.100000 0.200000 0.200000 0.200000 0.000000 0.000000 0\n");
}

}  // namespace perch::learn
