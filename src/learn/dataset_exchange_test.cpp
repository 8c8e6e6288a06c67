#include <algorithm>
#include <cmath>
#include <map>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "image/codec.hpp"
#include "learn/dataset_check.hpp"
#include "learn/dataset_export.hpp"
#include "learn/dataset_import.hpp"
#include "learn/dataset_writer.hpp"
#include "support/program.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

std::string jpeg_of(unsigned seed, int width = 64, int height = 48) {
  image::Picture picture(width, height);
  unsigned state = seed * 2654435761U + 1;
  for (int y = 0; y + 8 <= height; y += 8)
    for (int x = 0; x + 8 <= width; x += 8) {
      state = state * 1664525U + 1013904223U;
      for (int dy = 0; dy < 8; ++dy)
        std::fill_n(picture.at(x, y + dy), std::size_t{8} * 3, static_cast<std::uint8_t>(state >> 24U));
    }
  const Bytes jpeg = image::encode_jpeg(picture.view()).value();
  return std::string(as_text(jpeg));
}

Label thing(std::string category, float x, float y) {
  return {std::move(category), {x, y, 8, 6}, {}, {}, {}};
}

/// A set of `count` pictures, a car each, every second with a person.
Dataset make_set(const fs::path& folder, unsigned count) {
  auto writer = DatasetWriter::create(folder, {"lot", "detect", {"car", "person"}, {}, "by hand"});
  REQUIRE(writer);
  for (unsigned i = 0; i < count; ++i) {
    std::vector<Label> labels{thing("car", static_cast<float>(i % 8), 3)};
    if (i % 2 == 0) labels.push_back(thing("person", 30, 20.5F));
    REQUIRE(writer->add(fmt::format("{:02}.jpg", i), as_bytes(jpeg_of(i)), 64, 48, labels, {}));
  }
  REQUIRE(writer->finish());
  return Dataset::load(folder).value();
}

/// Labels by the picture's hash, so that names and order do not matter.
std::map<std::string, std::pair<Split, std::vector<Label>>> content(const Dataset& set) {
  std::map<std::string, std::pair<Split, std::vector<Label>>> out;
  for (const Sample& sample : set.samples()) out[sample.sha256] = {sample.split, sample.labels};
  return out;
}

void check_same(const Dataset& a, const Dataset& b) {
  const auto left = content(a), right = content(b);
  REQUIRE(left.size() == right.size());
  for (const auto& [picture, found] : left) {
    REQUIRE(right.contains(picture));
    const auto& [split, labels] = right.at(picture);
    CHECK(split == found.first);
    REQUIRE(labels.size() == found.second.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      CHECK(labels[i].category == found.second[i].category);
      CHECK(std::abs(labels[i].box_px.x - found.second[i].box_px.x) < 0.01F);
      CHECK(std::abs(labels[i].box_px.bottom() - found.second[i].box_px.bottom()) < 0.01F);
    }
  }
}

ImportJob job_of(const fs::path& from, const fs::path& to) {
  return {from, {}, to, {}, "a test", {}};
}

bool says(const std::vector<Finding>& findings, bool serious, std::string_view part) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.serious == serious && finding.error.message().find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a data set comes back the same from COCO and from YOLO, splits included") {
  const test::TempFolder folder;
  const Dataset set = make_set(folder / "set", 40);
  REQUIRE(export_coco(set, folder / "coco"));
  CHECK(fs::exists(folder / "coco/annotations/instances_val.json"));
  const auto coco = import_coco(job_of(folder / "coco", folder / "coco-back"));
  REQUIRE(coco);
  CHECK(coco->problems.empty());
  check_same(set, Dataset::load(folder / "coco-back").value());
  const auto yolo = export_yolo(set, folder / "yolo");
  REQUIRE(yolo);
  CHECK(yolo->pictures == 40);
  CHECK(yolo->lost.empty());
  const auto back = import_yolo(job_of(folder / "yolo/data.yaml", folder / "yolo-back"));
  REQUIRE(back);
  CHECK(back->problems.empty());
  CHECK(back->labels == 60);
  check_same(set, Dataset::load(folder / "yolo-back").value());
}

TEST_CASE("folders of classes come in, go out in folders of splits, and come in again") {
  const test::TempFolder folder;
  for (unsigned i = 0; i < 30; ++i)
    test::write_test_file(folder / fmt::format("in/{}/{}.jpg", i % 3 == 0 ? "hot" : "cold", i), jpeg_of(i));
  test::write_test_file(folder / "in/stray.jpg", jpeg_of(99));
  const auto done = import_classes(job_of(folder / "in", folder / "set"));
  REQUIRE(done);
  REQUIRE(done->problems.size() == 1);
  CHECK(done->problems[0].what == "lies in no class's folder");
  const Dataset set = Dataset::load(folder / "set").value();
  CHECK(set.info().labels == std::vector<std::string>{"cold", "hot"});
  CHECK(set.samples()[0].labels[0].box_px == Box{0, 0, 64, 48});
  REQUIRE(export_classes(set, folder / "out"));
  CHECK(fs::exists(folder / "out/train/cold"));
  REQUIRE(import_classes(job_of(folder / "out", folder / "back")));
  check_same(set, Dataset::load(folder / "back").value());
}

TEST_CASE("digit crops say their position in their name, and a folder is a meter") {
  const test::TempFolder folder;
  test::write_test_file(folder / "in/one/3.7_a.jpg", jpeg_of(1, 24, 32));
  test::write_test_file(folder / "in/one/N_b.jpg", jpeg_of(2, 24, 32));
  test::write_test_file(folder / "in/two/9_c.jpg", jpeg_of(3, 24, 32));
  test::write_test_file(folder / "in/my-lcd/9_c.jpg", jpeg_of(4, 24, 32));
  ImportJob job = job_of(folder / "in", folder / "set");
  job.leave_out = {"*lcd*"};
  const auto done = import_digits(job);
  REQUIRE(done);
  CHECK(done->pictures == 3);
  REQUIRE(done->problems.size() == 1);
  CHECK(done->problems[0].what == "its name begins with no position: 'N'");
  const Dataset set = Dataset::load(folder / "set").value();
  CHECK(set.info().task == "digits");
  CHECK(set.samples()[0].group == "one");
  CHECK(*find_attribute<double>(set.samples()[0].labels[0].attributes, "position") == doctest::Approx(3.7));
  CHECK(set.samples()[2].group == "two");
}

TEST_CASE("what an import cannot use is named, and the rest is taken over") {
  const test::TempFolder folder;
  test::write_test_file(folder / "y/data.yaml", "train: images\nnames: [car]\n");
  test::write_test_file(folder / "y/images/a.jpg", jpeg_of(1));
  test::write_test_file(folder / "y/labels/a.txt", "0 0.5 0.5 0.2 0.2\n7 0.5 0.5 0.2 0.2\n");
  test::write_test_file(folder / "y/images/broken.jpg", "no picture");
  test::write_test_file(folder / "y/labels/missing.txt", "0 0.5 0.5 0.2 0.2\n");
  const auto done = import_yolo(job_of(folder / "y", folder / "set"));
  REQUIRE(done);
  CHECK(done->pictures == 1);
  CHECK(done->labels == 1);
  REQUIRE(done->problems.size() == 3);
  CHECK(done->problems[0].what == "there is no picture for these labels");
  CHECK(done->problems[1].what == "there is no class '7' of 1");
  CHECK(done->problems[2].where == "picture 'broken.jpg'");
}

TEST_CASE("an import of nothing, and one that was stopped, leave no data set") {
  const test::TempFolder folder;
  fs::create_directories(folder / "empty");
  CHECK(import_classes(job_of(folder / "empty", folder / "a")).error().what == "there is no picture that can be used");
  CHECK(import_coco(job_of(folder / "none.json", folder / "b")).error().code == Errc::not_found);
  test::write_test_file(folder / "in/hot/1.jpg", jpeg_of(1));
  const auto stop = [](std::size_t, std::size_t) { return false; };
  CHECK(import_classes(job_of(folder / "in", folder / "c"), stop).error().code == Errc::canceled);
  CHECK_FALSE(fs::exists(folder / "c/dataset.toml"));
  CHECK(import_classes(job_of(folder / "in", folder / "c")));
}

TEST_CASE("an export does not write into a folder that has something in it") {
  const test::TempFolder folder;
  const Dataset set = make_set(folder / "set", 2);
  CHECK(export_yolo(set, folder / "set").error().code == Errc::exists);
  CHECK(export_classes(set, folder / "out").error().what ==
        "shows 'car' and 'person', and has only one folder to go to");
}

TEST_CASE("check finds leakage, duplicates, boxes outside, empty and one-sided labels, and says what to do") {
  const test::TempFolder folder;
  auto writer = DatasetWriter::create(folder / "set", {"lot", "detect", {"car", "dog", "cat"}, {}, ""});
  REQUIRE(writer);
  const auto add = [&](const char* name, unsigned seed, std::vector<Label> labels, std::vector<Attribute> attributes) {
    REQUIRE(writer->add(name, as_bytes(jpeg_of(seed)), 64, 48, labels, attributes));
  };
  const auto split = [](const char* name) { return std::vector<Attribute>{{"split", std::string(name)}}; };
  add("a.jpg", 1, {thing("car", 1, 1)}, split("train"));
  add("b.jpg", 1, {thing("car", 1, 1)}, split("test"));
  add("c.jpg", 2, {thing("car", 1, 1)}, split("train"));
  add("d.jpg", 2, {thing("dog", 1, 1)}, split("train"));
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
  for (const Finding& finding : check(make_set(folder / "set", 80))) FAIL_CHECK(finding.error.message());
}

TEST_CASE("counts are by label and split") {
  const test::TempFolder folder;
  const DatasetStats stats = stats_of(make_set(folder / "set", 40));
  CHECK(stats.pictures == 40);
  CHECK(stats.labels == 60);
  CHECK(stats.pictures_in[0] + stats.pictures_in[1] + stats.pictures_in[2] == 40);
  CHECK(stats.labels_in[1][0] + stats.labels_in[1][1] + stats.labels_in[1][2] == 20);
}

}  // namespace perch::learn
