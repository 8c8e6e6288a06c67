#include <filesystem>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "support/program.hpp"

using perch::test::Finished;
using perch::test::run_program;
using perch::test::TempFolder;

namespace {

Finished perch(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), PERCH_PROGRAM);
  return run_program(arguments);
}

Finished dataset(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "dataset");
  return perch(std::move(arguments));
}

/// A data set of four meters in `folder`/set. It is painted once.
std::string write_meters(const TempFolder& folder) {
  static const TempFolder painted;
  static const bool done = [] {
    return perch({"scene", "meter", "--out", (painted / "set").string(), "--frames", "4", "--seeds", "4", "--every",
                  "1h", "--size", "320x180", "--dataset"})
               .status == 0;
  }();
  REQUIRE(done);
  const std::filesystem::path set = folder / "set";
  std::filesystem::copy(painted / "set", set, std::filesystem::copy_options::recursive);
  return set.string();
}

}  // namespace

TEST_CASE("a folder that is not there and one without data sets are named, and the others are listed all the same") {
  const TempFolder folder;
  write_meters(folder);
  std::filesystem::create_directory(folder / "empty");
  const Finished f =
      dataset({"ls", (folder / "nowhere").string(), (folder / "empty").string(), folder.path().string()});
  CHECK(f.status == 2);
  CHECK(f.err.find("nowhere: cannot be read as a folder: No such file or directory") != std::string::npos);
  CHECK(f.err.find("empty: no data set here") != std::string::npos);
  CHECK(f.out.find("digits") != std::string::npos);
}

TEST_CASE("a data set is listed, counted, exported and imported again") {
  const TempFolder folder;
  const std::string set = write_meters(folder);
  const Finished listed = dataset({"ls", folder.path().string()});
  CHECK(listed.status == 0);
  CHECK(listed.out.find("digits") != std::string::npos);
  const Finished counted = dataset({"stats", set, "--json"});
  CHECK(counted.status == 0);
  const auto stats = boost::json::parse(counted.out);
  CHECK(stats.at("pictures").as_int64() == 4);
  CHECK(stats.at("groups").as_int64() == 4);
  const Finished out = dataset({"export", "yolo", set, "--out", (folder / "yolo").string()});
  CHECK(out.status == 0);
  CHECK(out.err.find("attributes are left out: light, seed, t, position") != std::string::npos);
  CHECK(dataset({"import", "yolo", (folder / "yolo").string(), "--out", (folder / "back").string()}).status == 0);
  const auto back = boost::json::parse(dataset({"stats", (folder / "back").string(), "--json"}).out);
  CHECK(back.at("labels") == stats.at("labels"));
  CHECK(back.at("splits") == stats.at("splits"));
}

TEST_CASE("check names what is wrong with its remedy, and says so by its exit status") {
  const TempFolder folder;
  const std::string set = write_meters(folder);
  std::filesystem::remove(folder / "set/pictures/meter-2-000000.jpg");
  perch::test::write_test_file(folder / "set/pictures/meter-3-000000.jpg", "no picture");
  const Finished checked = dataset({"check", set});
  CHECK(checked.status == 1);
  CHECK(checked.out.find("error: picture 'meter-2-000000.jpg': there is no such file; put it into ") !=
        std::string::npos);
  CHECK(checked.out.find("error: picture 'meter-3-000000.jpg': ") != std::string::npos);
  CHECK(checked.out.find("falls into the split") != std::string::npos);
}

TEST_CASE("what is no data set, and a form that nobody knows, are refused") {
  const TempFolder folder;
  const Finished none = dataset({"check", folder.path().string()});
  CHECK(none.status == 2);
  CHECK(none.err.find("perch dataset import makes one") != std::string::npos);
  CHECK(dataset({"import", "coko", "x", "--out", "y"}).status == 2);
  const Finished pictures = dataset({"import", "yolo", "x", "--pictures", "p", "--out", "y"});
  CHECK(pictures.status == 2);
  CHECK(pictures.err.find("--pictures: is for coco, and yolo is imported; leave it out") != std::string::npos);
}
