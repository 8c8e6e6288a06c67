#include "learn/yolo_data.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

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

TEST_CASE("twenty thousand classes, a line each, are read and one twice among them is found") {
  constexpr int kMany = 20'000;
  std::string list = "names: [\n";
  for (int i = 0; i < kMany; ++i) list += fmt::format("  class {},\n", i);
  CHECK(parse_yolo_data(list + "]\n", "d")->names.size() == kMany);
  CHECK(parse_yolo_data(list + "  class 7]\n", "d").error().what == "two classes are named 'class 7'");
}

}  // namespace perch::learn
