#include <doctest/doctest.h>

#include "learn/dataset_export.hpp"
#include "learn/dataset_import.hpp"
#include "support/small_dataset.hpp"

namespace perch::learn {

TEST_CASE("a data set comes back the same from YOLO, splits included") {
  const test::TempFolder folder;
  const Dataset set = test::make_lot(folder / "set", 40);
  REQUIRE(export_yolo(set, folder / "yolo"));
  const auto back = import_yolo(test::import_job(folder / "yolo/data.yaml", folder / "back"));
  REQUIRE(back);
  CHECK(back->problems.empty());
  CHECK(back->labels == 60);
  test::check_same(set, Dataset::load(folder / "back").value());
}

TEST_CASE("a folder with classes.txt is a YOLO set too, and a picture without a text shows nothing") {
  const test::TempFolder folder;
  test::write_test_file(folder / "y/classes.txt", "car\n\nperson\n");
  test::write_test_file(folder / "y/a.jpg", test::squares_jpeg(1));
  test::write_test_file(folder / "y/a.txt", "1 0.5 0.5 0.25 0.5\n");
  test::write_test_file(folder / "y/b.jpg", test::squares_jpeg(2));
  const auto done = import_yolo(test::import_job(folder / "y", folder / "set"));
  REQUIRE(done);
  CHECK(done->problems.empty());
  CHECK(done->pictures == 2);
  const Dataset set = Dataset::load(folder / "set").value();
  CHECK(set.info().labels == std::vector<std::string>{"car", "person"});
  CHECK(set.samples()[0].labels.at(0).category == "person");
  CHECK(set.samples()[0].labels.at(0).box_px == Box{24, 12, 16, 24});
  CHECK(set.samples()[1].labels.empty());
}

TEST_CASE("what is no YOLO set is said with what would be one") {
  const test::TempFolder folder;
  std::filesystem::create_directories(folder / "empty");
  CHECK(import_yolo(test::import_job(folder / "empty", folder / "a")).error().remedy ==
        "name the data.yaml, or a folder with data.yaml or classes.txt");
  test::write_test_file(folder / "y/classes.txt", "\n");
  CHECK(import_yolo(test::import_job(folder / "y", folder / "b")).error().what == "there are no classes in it");
}

TEST_CASE("what an import cannot use is named, and the rest is taken over") {
  const test::TempFolder folder;
  test::write_test_file(folder / "y/data.yaml", "train: images\nnames: [car]\n");
  test::write_test_file(folder / "y/images/a.jpg", test::squares_jpeg(1));
  test::write_test_file(folder / "y/labels/a.txt", "0 0.5 0.5 0.2 0.2\n7 0.5 0.5 0.2 0.2\n");
  test::write_test_file(folder / "y/images/broken.jpg", "no picture");
  test::write_test_file(folder / "y/labels/missing.txt", "0 0.5 0.5 0.2 0.2\n");
  const auto done = import_yolo(test::import_job(folder / "y", folder / "set"));
  REQUIRE(done);
  CHECK(done->pictures == 1);
  CHECK(done->labels == 1);
  REQUIRE(done->problems.size() == 3);
  CHECK(done->problems[0].what == "there is no picture for these labels");
  CHECK(done->problems[1].what == "there is no class '7' of 1");
  CHECK(done->problems[2].where == "picture 'broken.jpg'");
}

TEST_CASE("a Roboflow export comes in: folders one too far up, and texts that are no labels") {
  const test::TempFolder folder;
  test::write_test_file(folder / "r/data.yaml",
                        "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 1\nnames: ['car']\n");
  test::write_test_file(folder / "r/README.dataset.txt", "my cars\n");
  unsigned seed = 0;
  for (const char* split : {"train", "valid", "test"}) {
    test::write_test_file(folder / "r" / split / "images/a.jpg", test::squares_jpeg(++seed));
    test::write_test_file(folder / "r" / split / "labels/a.txt", "0 0.5 0.5 0.25 0.5\r\n");
  }
  const auto done = import_yolo(test::import_job(folder / "r", folder / "set"));
  REQUIRE(done);
  CHECK(done->problems.empty());
  CHECK(done->pictures == 3);
  CHECK(done->labels == 3);
  const Dataset set = Dataset::load(folder / "set").value();
  for (const Split split : kSplits) CHECK(set.of_split(split).size() == 1);
}

TEST_CASE("labels beside the pictures are found though a folder above is called images") {
  const test::TempFolder folder;
  test::write_test_file(folder / "images/y/classes.txt", "car\n");
  test::write_test_file(folder / "images/y/a.jpg", test::squares_jpeg(1));
  test::write_test_file(folder / "images/y/a.txt", "0 0.5 0.5 0.25 0.5\n");
  const auto done = import_yolo(test::import_job(folder / "images/y", folder / "set"));
  REQUIRE(done);
  CHECK(done->problems.empty());
  CHECK(done->labels == 1);
}

TEST_CASE("that no picture has a label, and a text that cannot be read, is said") {
  const test::TempFolder folder;
  test::write_test_file(folder / "y/data.yaml", "train: imgs\nnames: [car]\n");
  test::write_test_file(folder / "y/imgs/a.jpg", test::squares_jpeg(1));
  std::filesystem::create_directories(folder / "y/imgs/a.txt");
  const auto done = import_yolo(test::import_job(folder / "y", folder / "set"));
  REQUIRE(done);
  REQUIRE(done->problems.size() == 2);
  CHECK(done->problems[0].message().find("imgs/a.txt") != std::string::npos);
  CHECK(done->problems[1].what == "none of the 1 pictures has a label");
}

TEST_CASE("one folder for two splits is taken once, and a folder that is not there is named") {
  const test::TempFolder folder;
  test::write_test_file(folder / "y/data.yaml", "train: images\nval: images\nnames: [car]\n");
  test::write_test_file(folder / "y/images/a.jpg", test::squares_jpeg(1));
  test::write_test_file(folder / "y/labels/a.txt", "0 0.5 0.5 0.25 0.5\n");
  const auto done = import_yolo(test::import_job(folder / "y", folder / "set"));
  REQUIRE(done);
  CHECK(done->pictures == 1);
  REQUIRE(done->problems.size() == 1);
  CHECK(done->problems[0].what == "data.yaml names the same folder for two splits");
  CHECK(Dataset::load(folder / "set")->samples()[0].attributes.empty());

  test::write_test_file(folder / "z/data.yaml", "train: nowhere\nnames: [car]\n");
  const Error missing = import_yolo(test::import_job(folder / "z", folder / "none")).error();
  CHECK(missing.code == Errc::not_found);
  CHECK(missing.where == (folder / "z/nowhere").string());
  test::write_test_file(folder / "z/nowhere", "./images/a.jpg\n");
  CHECK(import_yolo(test::import_job(folder / "z", folder / "none")).error().what ==
        "is no folder, and lists of pictures are not read");
}

}  // namespace perch::learn
