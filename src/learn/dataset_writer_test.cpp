#include "learn/dataset_writer.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "config/node.hpp"
#include "support/program.hpp"

namespace perch::learn {

namespace {

const DatasetInfo kInfo{"lot", "detect", {"car", "person"}, {}, "made by hand"};

boost::json::value labels_of(const std::filesystem::path& folder) {
  const Bytes bytes = read_file(folder / "labels.json").value();
  return boost::json::parse(as_text(bytes));
}

}  // namespace

TEST_CASE("a data set has its pictures, its labels in COCO form, and a table of contents") {
  const test::TempFolder folder;
  auto writer = DatasetWriter::create(folder / "set", kInfo);
  REQUIRE(writer);
  REQUIRE(writer->add("a.jpg", as_bytes("picture"), 640, 360,
                      {{"person", {10, 20, 30, 40}, std::nullopt, {}, {{"visible", 0.5}}},
                       {"car", {1, 2, 3, 4}, Quad::from_box({1, 2, 3, 4}), {{{5, 6}, 2}, {{7, 8}, 0}}, {}}},
                      {{"light", std::string("day")}}));
  REQUIRE(writer->add("b.jpg", as_bytes("other"), 640, 360, {}, {}));
  REQUIRE(writer->finish());

  CHECK(as_text(read_file(folder / "set/pictures/a.jpg").value()) == "picture");
  const auto labels = labels_of(folder / "set");
  CHECK(labels.at("images").as_array().size() == 2);
  CHECK(labels.at_pointer("/images/0/attributes/light").as_string() == "day");
  CHECK(labels.at_pointer("/images/1/file_name").as_string() == "b.jpg");
  CHECK(labels.at_pointer("/annotations/0/category_id").as_int64() == 2);
  CHECK(labels.at_pointer("/annotations/0/image_id").as_int64() == 1);
  CHECK(labels.at_pointer("/annotations/0/bbox/2").to_number<double>() == 30);
  CHECK(labels.at_pointer("/annotations/0/attributes/visible").to_number<double>() == 0.5);
  CHECK(labels.at_pointer("/annotations/1/segmentation/0").as_array().size() == 8);
  CHECK(labels.at_pointer("/annotations/1/keypoints").as_array().size() == 6);
  CHECK(labels.at_pointer("/annotations/1/num_keypoints").as_int64() == 1);
  CHECK(labels.at_pointer("/categories/1/name").as_string() == "person");

  config::Diagnostics diagnostics;
  const config::Node toml = config::load_toml((folder / "set/dataset.toml").string(), diagnostics);
  CHECK(diagnostics.ok());
  CHECK(*toml.find("task")->text() == "detect");
  CHECK(toml.find("labels")->array()->size() == 2);
}

TEST_CASE("a label that the data set does not have is refused, naming the nearest") {
  const test::TempFolder folder;
  auto writer = DatasetWriter::create(folder / "set", kInfo);
  REQUIRE(writer);
  const auto added = writer->add("a.jpg", as_bytes("x"), 1, 1, {{"caar", {}, std::nullopt, {}, {}}}, {});
  REQUIRE_FALSE(added);
  CHECK(added.error().code == Errc::invalid);
  CHECK(added.error().remedy == "did you mean 'car'?");
}

TEST_CASE("a data set is never written over") {
  const test::TempFolder folder;
  auto writer = DatasetWriter::create(folder.path(), kInfo);
  REQUIRE(writer);
  REQUIRE(writer->finish());
  CHECK(DatasetWriter::create(folder.path(), kInfo).error().code == Errc::exists);
}

TEST_CASE("nor is a file of labels, which may be what is imported") {
  const test::TempFolder folder;
  test::write_test_file(folder / "labels.json", "somebody's");
  const Error error = DatasetWriter::create(folder.path(), kInfo).error();
  CHECK(error.code == Errc::exists);
  CHECK(error.where == (folder / "labels.json").string());
}

TEST_CASE("a data set that could not be finished can be written again") {
  const test::TempFolder folder;
  auto writer = DatasetWriter::create(folder.path(), kInfo);
  REQUIRE(writer);
  std::filesystem::create_directory(folder / "dataset.toml");  // so that the file cannot take its place
  CHECK_FALSE(writer->finish());
  CHECK_FALSE(std::filesystem::exists(folder / "labels.json"));
  std::filesystem::remove(folder / "dataset.toml");
  CHECK(DatasetWriter::create(folder.path(), kInfo));
}

}  // namespace perch::learn
