#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "image/codec.hpp"
#include "support/program.hpp"

using perch::test::Finished;
using perch::test::run_program;
using perch::test::TempFolder;
namespace json = boost::json;

namespace {

Finished perch_scene(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {PERCH_PROGRAM, "scene"});
  return run_program(arguments);
}

json::value read_json(const std::filesystem::path& path) {
  const perch::Bytes bytes = perch::read_file(path).value();
  return json::parse(perch::as_text(bytes));
}

}  // namespace

TEST_CASE("a scene is written as pictures with the truth beside them") {
  const TempFolder folder;
  const Finished f = perch_scene({"lot", "--out", folder.path().string(), "--frames", "2", "--every", "10s", "--size",
                                  "320x180", "--seed", "3", "--set", "weather=rain", "--clip"});
  CHECK(f.status == 0);
  CHECK(f.err.empty());
  const perch::Bytes jpeg = perch::read_file(folder / "lot-3-000001.jpg").value();
  CHECK(perch::image::probe(jpeg).value().size == perch::image::Size{320, 180});
  const json::value truth = read_json(folder / "lot-3-000001.json");
  CHECK(truth.at("weather").as_string() == "rain");
  CHECK(truth.at("slots").as_array().size() == 40);
  CHECK(truth.at("t").to_number<double>() == 12 * 3600 + 10);
  CHECK(std::filesystem::file_size(folder / "clip.avi") > 1000);
}

TEST_CASE("the same seed writes the same bytes") {
  const TempFolder folder;
  for (const char* name : {"a", "b"})
    CHECK(perch_scene({"room", "--out", (folder / name).string(), "--size", "160x120"}).status == 0);
  CHECK(perch::read_file(folder / "a/room-1-000000.jpg").value() ==
        perch::read_file(folder / "b/room-1-000000.jpg").value());
}

TEST_CASE("a data set of meters over several seeds has a label for each wheel") {
  const TempFolder folder;
  const Finished f = perch_scene({"meter", "--out", (folder / "set").string(), "--frames", "4", "--seeds", "2",
                                  "--every", "1h", "--size", "320x180", "--dataset"});
  CHECK(f.status == 0);
  const json::value labels = read_json(folder / "set/labels.json");
  CHECK(labels.at("images").as_array().size() == 4);
  CHECK(labels.at("annotations").as_array().size() >= 20);
  CHECK(labels.at_pointer("/annotations/0/attributes").as_object().contains("position"));
  CHECK(std::filesystem::exists(folder / "set/pictures/meter-2-000001.jpg"));
  CHECK(perch_scene({"meter", "--out", (folder / "set").string(), "--dataset"}).status == 2);
}

TEST_CASE("a thermal scene's grid is beside its picture") {
  const TempFolder folder;
  CHECK(perch_scene({"boiler", "--out", folder.path().string(), "--size", "64x48"}).status == 0);
  CHECK(std::filesystem::file_size(folder / "boiler-1-000000.raw") == 24 * 32 * 4);
}

TEST_CASE("mistakes are named") {
  const TempFolder folder;
  const std::string out = folder.path().string();
  CHECK(perch_scene({"lott", "--out", out}).err.find("did you mean 'lot'?") != std::string::npos);
  CHECK(perch_scene({"lot", "--out", out, "--set", "weather=snow"}).err.find("weather") != std::string::npos);
  CHECK(perch_scene({"lot", "--out", out, "--size", "big"}).err.find("1280x720") != std::string::npos);
  CHECK(perch_scene({"lot"}).status == 2);
}
