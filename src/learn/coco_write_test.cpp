#include <doctest/doctest.h>

#include "learn/label_file.hpp"
#include "support/looks.hpp"

namespace perch::learn {

using test::says;

namespace {

LabelFile with(std::vector<Label> labels) {
  LabelFile file;
  file.labels = {"car", "person"};
  file.pictures.push_back({"a.jpg", {64, 48}, std::move(labels), {}});
  return file;
}

}  // namespace

TEST_CASE("pictures, labels and categories are numbered from 1 in their order, and refer to each other so") {
  LabelFile file = with({{"person", {1, 2, 3, 4}, {}, {}, {}}, {"car", {5, 6, 7, 8}, {}, {}, {}}});
  file.pictures.push_back({"b.jpg", {64, 48}, {{"car", {0, 0, 1, 1}, {}, {}, {}}}, {}});
  const std::string text = to_coco(file);
  CHECK(says(text, R"({"id":1,"image_id":1,"category_id":2,"bbox":[1,2,3,4],"area":12,"iscrowd":0})"));
  CHECK(says(text, R"({"id":2,"image_id":1,"category_id":1,)"));
  CHECK(says(text, R"({"id":3,"image_id":2,"category_id":1,)"));
  CHECK(says(text, R"("categories":[{"id":1,"name":"car"},{"id":2,"name":"person"}])"));
}

TEST_CASE("pixels have two decimals, numbers of attributes four") {
  const std::string text = to_coco(with({{"car", {1.23456F, 0, 2, 2}, {}, {}, {{"visible", 0.123456}}}}));
  CHECK(says(text, R"("bbox":[1.23,0,2,2])"));
  CHECK(says(text, R"("visible":0.1235)"));
}

TEST_CASE("a point of a body that is not seen is written at nought and not counted") {
  Label label{"person", {0, 0, 9, 9}, {}, {{{3, 4}, 2}, {{5, 6}, 0}, {{7, 8}, 1}}, {}};
  CHECK(says(to_coco(with({label})), R"("keypoints":[3,4,2,0,0,0,7,8,1],"num_keypoints":2)"));
}

TEST_CASE("names with quotes and line ends come back the same") {
  LabelFile file = with({});
  file.labels[0] = "a \"big\" car\n";
  file.pictures[0].name = "b\\c\t\".jpg";
  file.pictures[0].attributes = {{"note", std::string("\x01 ü")}};
  const auto back = parse_coco(to_coco(file), "f");
  REQUIRE(back);
  CHECK(back->problems.empty());
  CHECK(back->labels == file.labels);
  CHECK(back->pictures.at(0).name == file.pictures[0].name);
  CHECK(*find_attribute<std::string>(back->pictures[0].attributes, "note") == "\x01 ü");
}

TEST_CASE("a set without labels, and one without pictures, are written as what they are") {
  const auto bare = parse_coco(to_coco(with({})), "f");
  REQUIRE(bare);
  CHECK(bare->pictures.at(0).labels.empty());
  LabelFile none;
  const auto back = parse_coco(to_coco(none), "f");
  REQUIRE(back);
  CHECK(back->pictures.empty());
}

}  // namespace perch::learn
