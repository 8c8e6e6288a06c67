#include "learn/dataset_check.hpp"

#include <doctest/doctest.h>

#include "support/small_dataset.hpp"

namespace perch::learn {

namespace {

bool says(const std::vector<Finding>& findings, bool serious, std::string_view part) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.serious == serious && finding.error.message().find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("check finds leakage, duplicates, boxes outside, empty and one-sided labels, and says what to do") {
  const test::TempFolder folder;
  auto writer = DatasetWriter::create(folder / "set", {"lot", "detect", {"car", "dog", "cat"}, {}, ""});
  REQUIRE(writer);
  const auto add = [&](const char* name, unsigned seed, std::vector<Label> labels, std::vector<Attribute> attributes) {
    REQUIRE(writer->add(name, as_bytes(test::squares_jpeg(seed)), 64, 48, labels, attributes));
  };
  const auto split = [](const char* name) { return std::vector<Attribute>{{"split", std::string(name)}}; };
  add("a.jpg", 1, {test::small_thing("car", 1, 1)}, split("train"));
  add("b.jpg", 1, {test::small_thing("car", 1, 1)}, split("test"));
  add("c.jpg", 2, {test::small_thing("car", 1, 1)}, split("train"));
  add("d.jpg", 2, {test::small_thing("dog", 1, 1)}, split("train"));
  add("e.jpg", 3, {{"car", {-9, 1, 20, 5}, {}, {}, {}}}, split("train"));
  add("f.jpg", 4, {}, {{"split", std::string("train")}, {"group", std::string("g")}});
  add("g.jpg", 5, {}, {{"split", std::string("test")}, {"group", std::string("g")}});
  REQUIRE(writer->finish());
  const std::vector<Finding> found = check(Dataset::load(folder / "set").value());
  CHECK(
      says(found, true, "picture 'b.jpg': the same picture as 'a.jpg', one to 'test' and one to 'train'; remove one"));
  CHECK(says(found, true, "picture 'd.jpg': the same picture as 'c.jpg', but labelled differently"));
  CHECK(says(found, true, "group 'g': is in two splits: 'f.jpg' in 'train', 'g.jpg' in 'test'"));
  CHECK(says(found, true, "label 'dog': has only one example"));
  CHECK(says(found, true, "none of the 7 pictures falls into the split 'validation'"));
  CHECK(says(found, false, "picture 'e.jpg': 'car' reaches 9 px out of the picture"));
  CHECK(says(found, false, "2 of 7 pictures have no label, as f.jpg, g.jpg; right if nothing is to be seen there"));
  CHECK(says(found, false, "label 'cat': has no example"));
  CHECK(says(found, false, "label 'car': has only 4 examples"));
  CHECK(std::is_sorted(found.begin(), found.end(),
                       [](const Finding& a, const Finding& b) { return a.serious > b.serious; }));
}

TEST_CASE("check has nothing to say of a set that is well made") {
  const test::TempFolder folder;
  for (const Finding& finding : check(test::make_lot(folder / "set", 80))) FAIL_CHECK(finding.error.message());
}

TEST_CASE("counts are by label and split") {
  const test::TempFolder folder;
  const DatasetStats stats = stats_of(test::make_lot(folder / "set", 40));
  CHECK(stats.pictures == 40);
  CHECK(stats.labels == 60);
  CHECK(stats.pictures_in[0] + stats.pictures_in[1] + stats.pictures_in[2] == 40);
  CHECK(stats.labels_in[1][0] + stats.labels_in[1][1] + stats.labels_in[1][2] == 20);
}

}  // namespace perch::learn
