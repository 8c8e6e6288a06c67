#include <doctest/doctest.h>

#include "learn/label_file.hpp"

namespace perch::learn {

TEST_CASE("labels in COCO form are written and read back the same") {
  const std::string text =
      R"({"images":[{"id":1,"file_name":"a.jpg","width":640,"height":360,"attributes":{"light":"day","t":1.5,"x":true}},)"
      R"({"id":2,"file_name":"b.jpg","width":64,"height":36}],)"
      R"("annotations":[{"id":1,"image_id":1,"category_id":2,"bbox":[1,2,3.25,4],"area":13,"iscrowd":1,)"
      R"("segmentation":[[1,2,4,2,4,6,1,6]],"keypoints":[5,6,2,0,0,0],"num_keypoints":1,)"
      R"("attributes":{"crowd":true}}],)"
      R"("categories":[{"id":1,"name":"car","keypoints":["nose","tail"]},{"id":2,"name":"person",)"
      R"("keypoints":["nose","tail"]}]})"
      "\n";
  const auto file = parse_coco(text, "labels.json");
  REQUIRE(file);
  CHECK(file->problems.empty());
  CHECK(to_coco(*file) == text);
}

TEST_CASE("files of other tools are read: gaps in the ids, ids as texts, no sizes, crowds") {
  const auto file = parse_coco(R"({"images":[{"id":"x","file_name":"a.jpg"}],
    "categories":[{"id":90,"name":"dog"},{"id":7,"name":"cat"}],
    "annotations":[{"image_id":"x","category_id":7,"bbox":[0,0,5,5],"iscrowd":1,"segmentation":{"counts":"x"}}]})",
                               "f");
  REQUIRE(file);
  CHECK(file->labels == std::vector<std::string>{"dog", "cat"});
  REQUIRE(file->pictures.size() == 1);
  CHECK(file->pictures[0].size == image::Size{});
  REQUIRE(file->pictures[0].labels.size() == 1);
  CHECK(file->pictures[0].labels[0].category == "cat");
  CHECK(*find_attribute<bool>(file->pictures[0].labels[0].attributes, "crowd"));
}

TEST_CASE("what cannot be used is named, with what to do; the rest is kept") {
  const auto file = parse_coco(R"({"images":[{"id":1,"file_name":"a.jpg"},{"id":1,"file_name":"b.jpg"},{"id":3}],
    "categories":[{"id":1,"name":"dog"}],
    "annotations":[{"id":4,"image_id":9,"category_id":1,"bbox":[0,0,5,5]},
      {"id":5,"image_id":1,"category_id":2,"bbox":[0,0,5,5]},{"id":6,"image_id":1,"category_id":1,"bbox":[0,0,0,5]},
      {"id":7,"image_id":1,"category_id":1,"bbox":[0,0,1e9,5]},{"id":8,"image_id":1,"category_id":1,"bbox":[0,0,5,5]}]})",
                               "f");
  REQUIRE(file);
  REQUIRE(file->pictures.size() == 1);
  CHECK(file->pictures[0].labels.size() == 1);
  REQUIRE(file->problems.size() == 6);
  CHECK(file->problems[0].message() ==
        "f: picture 'b.jpg': another picture has the id 1 too; give every picture an id of its own");
  CHECK(file->problems[1].message() == "f: images[2]: has no 'id' and 'file_name'; give it both");
  CHECK(file->problems[2].message() ==
        "f: annotation 4: is for a picture that is not listed: image_id 9; add the picture to 'images', or remove the "
        "annotation");
  CHECK(file->problems[3].what == "has a category that is not listed: category_id 2");
  CHECK(file->problems[4].where == "f: annotation 6 of picture 'a.jpg'");
  CHECK(file->problems[4].what == "the box has no area");
  CHECK(file->problems[5].what == "'bbox' is not [left, top, width, height] in pixels");
}

TEST_CASE("what is no JSON, or has no pictures in it, is refused") {
  CHECK(parse_coco("{", "f").error().where == "f:1");
  CHECK(parse_coco("[]", "f").error().what == "no labels in COCO form: there is no list 'images'");
}

TEST_CASE("a byte order mark, ids as floats and outlines without a box are read") {
  const auto file = parse_coco(
      "\xEF\xBB\xBF"
      R"({"images":[{"id":1.0,"file_name":"a.jpg"}],
    "categories":[{"id":2,"name":"dog"}],"annotations":[
      {"id":1,"image_id":1,"category_id":2.0,"bbox":[0,0,5]},
      {"id":2,"image_id":1,"category_id":2,"segmentation":[[10,20,50,20,50,60],[5,30,6,30,6,31]]},
      {"id":3,"image_id":1,"category_id":2,"segmentation":{"counts":[1],"size":[2,2]}}]})",
      "f");
  REQUIRE(file);
  REQUIRE(file->pictures.size() == 1);
  REQUIRE(file->pictures[0].labels.size() == 1);
  CHECK(file->pictures[0].labels[0].box_px == Box{5, 20, 45, 40});
  REQUIRE(file->problems.size() == 2);
  CHECK(file->problems[0].where == "f: annotation 1 of picture 'a.jpg'");
  CHECK(file->problems[1].where == "f: annotation 3 of picture 'a.jpg'");
}

TEST_CASE("a file that can have no labels says so: no annotations, or annotations of no category") {
  const auto none = parse_coco(R"({"images":[{"id":1,"file_name":"a.jpg"}],"categories":[]})", "f");
  REQUIRE(none);
  REQUIRE(none->problems.size() == 1);
  CHECK(none->problems[0].what == "there is no list 'annotations', so no picture has a label");
  CHECK(parse_coco(R"({"images":[],"annotations":[{"id":1,"image_id":1,"caption":"x"}]})", "f").error().what ==
        "no labels in COCO form: there are annotations, but no 'categories'");
}

TEST_CASE("broken JSON is said with its place") {
  CHECK(parse_coco("{\n\"images\": [\n}", "f").error().where == "f:3");
  CHECK(parse_coco("{}\n{}", "f").error().what == "not JSON: something follows its end at '{}'");
  CHECK(parse_coco(R"({"images": [], "bbox": [NaN, 1]})", "f").error().what == "not JSON: syntax error at 'NaN, 1]}'");
}

}  // namespace perch::learn
