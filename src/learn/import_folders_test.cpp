#include <doctest/doctest.h>

#include "learn/dataset_export.hpp"
#include "learn/dataset_import.hpp"
#include "learn/importer.hpp"
#include "support/small_dataset.hpp"

namespace perch::learn {

namespace fs = std::filesystem;

TEST_CASE("folders of classes come in, go out in folders of splits, and come in again") {
  const test::TempFolder folder;
  for (unsigned i = 0; i < 30; ++i)
    test::write_test_file(folder / fmt::format("in/{}/{}.jpg", i % 3 == 0 ? "hot" : "cold", i), test::squares_jpeg(i));
  test::write_test_file(folder / "in/stray.jpg", test::squares_jpeg(99));
  const auto done = import_classes(test::import_job(folder / "in", folder / "set"));
  REQUIRE(done);
  REQUIRE(done->problems.size() == 1);
  CHECK(done->problems[0].what == "lies in no class's folder");
  const Dataset set = Dataset::load(folder / "set").value();
  CHECK(set.info().labels == std::vector<std::string>{"cold", "hot"});
  CHECK(set.samples()[0].labels[0].box_px == Box{0, 0, 64, 48});
  REQUIRE(export_classes(set, folder / "out"));
  CHECK(fs::exists(folder / "out/train/cold"));
  REQUIRE(import_classes(test::import_job(folder / "out", folder / "back")));
  test::check_same(set, Dataset::load(folder / "back").value());
}

TEST_CASE("digit crops say their position in their name, and a folder is a meter") {
  const test::TempFolder folder;
  test::write_test_file(folder / "in/one/3.7_a.jpg", test::squares_jpeg(1, 24, 32));
  test::write_test_file(folder / "in/one/N_b.jpg", test::squares_jpeg(2, 24, 32));
  test::write_test_file(folder / "in/two/9_c.jpg", test::squares_jpeg(3, 24, 32));
  test::write_test_file(folder / "in/my-lcd/9_c.jpg", test::squares_jpeg(4, 24, 32));
  ImportJob job = test::import_job(folder / "in", folder / "set");
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

TEST_CASE("meters can be kept back to measure with, whole, and all others are learned from") {
  const test::TempFolder folder;
  for (unsigned meter = 0; meter < 4; ++meter)
    for (unsigned i = 0; i < 3; ++i)
      test::write_test_file(folder / fmt::format("in/m{}/{}.0_x.jpg", meter, i),
                            test::squares_jpeg(meter * 3 + i, 24, 32));
  ImportJob job = test::import_job(folder / "in", folder / "set");
  job.test = {"m1/*", "m3/*"};
  REQUIRE(import_digits(job));
  const Dataset set = Dataset::load(folder / "set").value();
  CHECK(set.samples().size() == 12);
  for (const Sample& sample : set.samples())
    CHECK(sample.split == (sample.group == "m1" || sample.group == "m3" ? Split::test : Split::train));
}

TEST_CASE(
    "pictures to measure with can be chosen whatever split their folder states, and a pattern that fits none is "
    "named") {
  const test::TempFolder folder;
  for (unsigned i = 0; i < 4; ++i)
    test::write_test_file(folder / fmt::format("in/{}/{}/{}.jpg", i < 2 ? "train" : "val", i % 2 ? "hot" : "cold", i),
                          test::squares_jpeg(i));
  ImportJob job = test::import_job(folder / "in", folder / "set");
  job.test = {"train/*", "tset/*"};
  const auto done = import_classes(job);
  REQUIRE(done);
  REQUIRE(done->problems.size() == 1);
  CHECK(done->problems[0].what == "no picture fits --test 'tset/*'");
  const Dataset set = Dataset::load(folder / "set").value();
  int measured_with = 0;
  for (const Sample& sample : set.samples()) {
    CHECK(sample.split != Split::validation);
    measured_with += sample.split == Split::test ? 1 : 0;
  }
  CHECK(measured_with == 2);
}

TEST_CASE("an import of nothing, and one that was stopped, leave no data set") {
  const test::TempFolder folder;
  fs::create_directories(folder / "empty");
  CHECK(import_classes(test::import_job(folder / "empty", folder / "a")).error().what ==
        "there is no picture that can be used");
  test::write_test_file(folder / "in/hot/1.jpg", test::squares_jpeg(1));
  const auto stop = [](std::size_t, std::size_t) { return false; };
  CHECK(import_classes(test::import_job(folder / "in", folder / "c"), stop).error().code == Errc::canceled);
  CHECK_FALSE(fs::exists(folder / "c/dataset.toml"));
  CHECK(import_classes(test::import_job(folder / "in", folder / "c")));
}

TEST_CASE("a split is a word in a folder's name, not a part of one") {
  CHECK(split_named("train2017") == "train");
  CHECK(split_named("instances_val2017") == "validation");
  CHECK(split_named("My-Valid set") == "validation");
  CHECK(split_named("Test") == "test");
  for (const char* none : {"contest", "valve", "constraint", "attest", "", "2017"}) CHECK(split_named(none).empty());
}

TEST_CASE("what is left aside is named, but for what begins with a dot or comes from macOS") {
  const test::TempFolder folder;
  for (const char* name : {"in/hot/1.jpg", "in/.ipynb_checkpoints/1.jpg", "in/__MACOSX/hot/1.jpg", "in/hot/._1.jpg"})
    test::write_test_file(folder / name, test::squares_jpeg(1));
  for (const char* name : {"in/hot/2.webp", "in/hot/3.BMP", "in/hot/notes.txt"})
    test::write_test_file(folder / name, "x");
  fs::create_directory_symlink(folder / "in/hot", folder / "in/cold");
  const auto done = import_classes(test::import_job(folder / "in", folder / "set"));
  REQUIRE(done);
  CHECK(done->pictures == 1);
  REQUIRE(done->problems.size() == 2);
  CHECK(done->problems[0].what == "is a link to a folder, which is not followed");
  CHECK(done->problems[0].where == (folder / "in/cold").string());
  CHECK(done->problems[1].what.starts_with("2 pictures are neither JPEG nor PNG, as 'hot/"));
  CHECK(Dataset::load(folder / "set")->info().labels == std::vector<std::string>{"hot"});
}

TEST_CASE("a data set is named after its folder, however that is written") {
  const test::TempFolder folder;
  test::write_test_file(folder / "in/hot/1.jpg", test::squares_jpeg(1));
  for (const std::string& to : {std::string("gate/"), std::string("gate/./"), std::string("x/../gate")}) {
    CAPTURE(to);
    REQUIRE(import_classes(test::import_job(folder / "in", folder.path() / to)));
    CHECK(Dataset::load(folder / "gate")->info().name == "gate");
    fs::remove_all(folder / "gate");
  }
}

TEST_CASE("pictures with odd names come back out of the data set") {
  const test::TempFolder folder;
  unsigned seed = 0;
  for (const std::string& name : {std::string("bad\xFF.jpg"), std::string("line\nend.jpg"),
                                  std::string("\"quoted\".jpg"), std::string(240, 'x') + ".jpg"})
    test::write_test_file(folder / "in/hot/a class with a long name" / name, test::squares_jpeg(++seed));
  const auto done = import_classes(test::import_job(folder / "in", folder / "set"));
  REQUIRE(done);
  CHECK(done->problems.empty());
  const Dataset set = Dataset::load(folder / "set").value();
  CHECK(set.problems().empty());
  CHECK(set.samples().size() == 4);
}

}  // namespace perch::learn
