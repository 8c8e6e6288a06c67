#include <doctest/doctest.h>

#include "learn/dataset_export.hpp"
#include "learn/dataset_import.hpp"
#include "support/small_dataset.hpp"

namespace perch::learn {

TEST_CASE("a data set comes back the same from COCO, splits included") {
  const test::TempFolder folder;
  const Dataset set = test::make_lot(folder / "set", 40);
  REQUIRE(export_coco(set, folder / "coco"));
  const auto coco = import_coco(test::import_job(folder / "coco", folder / "back"));
  REQUIRE(coco);
  CHECK(coco->problems.empty());
  CHECK(coco->labels == 60);
  test::check_same(set, Dataset::load(folder / "back").value());
}

TEST_CASE("one file of labels takes its pictures from beside it, from images, or from where it is told") {
  const test::TempFolder folder;
  const std::string json = R"({"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"car"}],)"
                           R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,8,6]}]})";
  for (const char* place : {"beside", "apart/images", "elsewhere"})
    test::write_test_file(folder / place / "a.jpg", test::squares_jpeg(1));
  test::write_test_file(folder / "beside/l.json", json);
  test::write_test_file(folder / "apart/labels/l.json", json);
  test::write_test_file(folder / "alone/l.json", json);
  CHECK(import_coco(test::import_job(folder / "beside/l.json", folder / "1")));
  CHECK(import_coco(test::import_job(folder / "apart/labels/l.json", folder / "2")));
  CHECK_FALSE(import_coco(test::import_job(folder / "alone/l.json", folder / "3")));
  ImportJob told = test::import_job(folder / "alone/l.json", folder / "4");
  told.pictures = folder / "elsewhere";
  const auto done = import_coco(told);
  REQUIRE(done);
  CHECK(done->labels == 1);
  const Dataset set = Dataset::load(folder / "4").value();
  CHECK(set.samples().at(0).labels.at(0).box_px == Box{1, 2, 8, 6});
}

TEST_CASE("a picture that is listed and not there, or is of another size, is named; what is left out is not") {
  const test::TempFolder folder;
  test::write_test_file(folder / "in/l.json",
                        R"({"images":[{"id":1,"file_name":"a.jpg","width":64,"height":48},)"
                        R"({"id":2,"file_name":"gone.jpg"},{"id":3,"file_name":"b.jpg","width":640,"height":480},)"
                        R"({"id":4,"file_name":"old/c.jpg"}],"categories":[{"id":1,"name":"car"}],"annotations":[]})");
  for (const char* name : {"a.jpg", "b.jpg", "old/c.jpg"})
    test::write_test_file(folder / "in" / name, test::squares_jpeg(static_cast<unsigned>(name[0])));
  ImportJob job = test::import_job(folder / "in", folder / "set");
  job.leave_out = {"old/*"};
  const auto done = import_coco(job);
  REQUIRE(done);
  CHECK(done->pictures == 1);
  REQUIRE(done->problems.size() == 2);
  CHECK(done->problems[0].message().find("gone.jpg") != std::string::npos);
  CHECK(done->problems[0].remedy.find((folder / "in").string()) != std::string::npos);
  CHECK(done->problems[1].message().find("b.jpg") != std::string::npos);
}

TEST_CASE("a file of labels that is not there, and a folder without one, are said") {
  const test::TempFolder folder;
  std::filesystem::create_directories(folder / "empty");
  CHECK(import_coco(test::import_job(folder / "none.json", folder / "a")).error().code == Errc::not_found);
  CHECK(import_coco(test::import_job(folder / "empty", folder / "b")).error().what ==
        "there is no file of labels (.json) in it");
}

namespace {

std::string coco_of(const std::string& picture) {
  return R"({"images":[{"id":1,"file_name":")" + picture +
         R"("}],"categories":[{"id":1,"name":"car"}],)"
         R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,8,6]}]})";
}

}  // namespace

TEST_CASE("pictures are found as other tools name them: with the folder, with backslashes, beside annotations") {
  const test::TempFolder folder;
  for (const char* name : {"with/images/a.jpg", "windows/images/b/a.jpg", "coco/val2017/a.jpg"})
    test::write_test_file(folder / name, test::squares_jpeg(1));
  test::write_test_file(folder / "with/result.json", coco_of("images/a.jpg"));
  test::write_test_file(folder / "windows/l.json", coco_of(R"(b\\a.jpg)"));
  test::write_test_file(folder / "coco/annotations/instances_val2017.json", coco_of("a.jpg"));
  for (const char* file : {"with/result.json", "windows/l.json", "coco/annotations/instances_val2017.json"}) {
    CAPTURE(file);
    const auto done = import_coco(test::import_job(folder / file, folder / "sets" / file));
    REQUIRE(done);
    CHECK(done->problems.empty());
    CHECK(done->labels == 1);
  }
  test::write_test_file(folder / "lost/l.json", coco_of("a.jpg"));
  CHECK(import_coco(test::import_job(folder / "lost/l.json", folder / "none")).error().remedy.find("--pictures") !=
        std::string::npos);
  ImportJob told = test::import_job(folder / "lost/l.json", folder / "none");
  told.pictures = folder / "nowhere";
  CHECK(import_coco(told).error().where == (folder / "nowhere").string());
}

TEST_CASE("a file of labels in each folder of a split is a set with splits") {
  const test::TempFolder folder;
  unsigned seed = 0;
  for (const char* split : {"train", "valid", "test"}) {
    test::write_test_file(folder / "r" / split / "a.jpg", test::squares_jpeg(++seed));
    test::write_test_file(folder / "r" / split / "_annotations.coco.json", coco_of("a.jpg"));
  }
  const auto done = import_coco(test::import_job(folder / "r", folder / "set"));
  REQUIRE(done);
  CHECK(done->problems.empty());
  const Dataset set = Dataset::load(folder / "set").value();
  for (const Split split : kSplits) CHECK(set.of_split(split).size() == 1);
}

TEST_CASE("a picture that two files of labels list is not taken twice: one of them has to be named") {
  const test::TempFolder folder;
  test::write_test_file(folder / "c/images/a.jpg", test::squares_jpeg(1));
  test::write_test_file(folder / "c/annotations/instances_val.json", coco_of("a.jpg"));
  test::write_test_file(folder / "c/annotations/person_keypoints_val.json", coco_of("a.jpg"));
  const Error twice = import_coco(test::import_job(folder / "c", folder / "set")).error();
  CHECK(twice.code == Errc::exists);
  CHECK(twice.what == "the picture 'a.jpg' is listed in instances_val.json too");
}

}  // namespace perch::learn
