#include "learn/yolo.hpp"

#include <doctest/doctest.h>

namespace perch::learn {

TEST_CASE("data.yaml is read in the ways that tools write it") {
  const auto numbered = parse_yolo_data(
      "# a comment\npath: ../lot  # here\ntrain: images/train\nval: 'images/val'\ntest:\nnc: 2\n"
      "names:\n  0: car\n  1: \"person\"\ndownload: |\n  rm -rf\n",
      "d");
  REQUIRE(numbered);
  CHECK(numbered->path == "../lot");
  CHECK(numbered->folders == std::array<std::string, 3>{"images/train", "images/val", ""});
  CHECK(numbered->names == std::vector<std::string>{"car", "person"});
  CHECK(parse_yolo_data("names: [car, 'traffic light']\n", "d")->names[1] == "traffic light");
  CHECK(parse_yolo_data("names:\n- car\n- person\nkpt_shape: [17, 2]\n", "d")->keypoints == 17);
}

TEST_CASE("data.yaml is written and read back the same") {
  const YoloData data{"lot", {"images/train", "images/val", ""}, {"car", "person"}, 17, 3};
  const auto back = parse_yolo_data(to_yaml(data), "d");
  REQUIRE(back);
  CHECK(to_yaml(*back) == to_yaml(data));
  CHECK(back->keypoints == 17);
}

TEST_CASE("what is wrong in data.yaml is named with its line") {
  CHECK(parse_yolo_data("train: x\n", "d").error().message() ==
        "d: there are no 'names' of classes; write names: [car, person]");
  CHECK(parse_yolo_data("names:\n  0: a\n  2: b\n", "d").error().where == "d:3");
  CHECK(parse_yolo_data("names: [a]\ntrain: [a, b]\n", "d").error().where == "d:2");
  CHECK(parse_yolo_data("names: [a]\nkpt_shape: [17, 5]\n", "d").error().what == "'kpt_shape' is not [points, 2 or 3]");
}

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

TEST_CASE("names of classes are read from lists over several lines, numbered maps, and with commas in quotes") {
  const auto lines =
      parse_yolo_data("train: images\nnames: [ 'person', 'a, b',  # two\n   \"it's \\\"c\\\"\" ]\nnc: 3\n", "d");
  REQUIRE(lines);
  CHECK(lines->names == std::vector<std::string>{"person", "a, b", "it's \"c\""});
  const auto map = parse_yolo_data("\xEF\xBB\xBFtrain: images\r\nnames: {0: person, 1: 'c'}\r\n", "d");
  REQUIRE(map);
  CHECK(map->names == std::vector<std::string>{"person", "c"});
  CHECK(map->folders[0] == "images");
  CHECK(parse_yolo_data("names: [o'neil, b]\n", "d")->names == std::vector<std::string>{"o'neil", "b"});
  CHECK(parse_yolo_data("val: images/val # 128 images\ntest: # test images (optional)\nnames: [a]\n", "d")->folders ==
        std::array<std::string, 3>{"", "images/val", ""});
}

TEST_CASE("names with quotes, line ends and backslashes come back from data.yaml") {
  const YoloData data{
      "", {"images/train", "", ""}, {"a \"b\"\n<c>", "back\\slash", "# no comment", "tr\xC3\xA4in"}, 0, 3};
  const auto back = parse_yolo_data(to_yaml(data), "d");
  REQUIRE(back);
  CHECK(back->names == data.names);
}

TEST_CASE("classes without a name of their own, open brackets and lists of folders are refused at their line") {
  CHECK(parse_yolo_data("names: [a, b, a]\n", "d").error().message() ==
        "d:1: two classes are named 'a'; give every class a name of its own");
  CHECK(parse_yolo_data("names: [a, , b]\n", "d").error().what == "the class 1 has no name");
  CHECK(parse_yolo_data("nc: 2\nnames: [a,\n  b\n", "d").error().message() ==
        "d:2: 'names' is no list; write names: [car, person]");
  CHECK(parse_yolo_data("train:\n  - one\n  - two\nnames: [a]\n", "d").error().where == "d:2");
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
