#include <chrono>
#include <csignal>
#include <thread>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "image/codec.hpp"
#include "support/looks.hpp"
#include "support/program.hpp"
#include "support/running_program.hpp"

using perch::test::Finished;
using perch::test::run_program;
using perch::test::says;
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

TEST_CASE("a folder that holds pictures of the scene is refused, and one with others is not") {
  const TempFolder folder;
  const auto write = [&](const char* scene) {
    return perch_scene({scene, "--out", folder.path().string(), "--size", "160x120"});
  };
  CHECK(write("boiler").status == 0);
  const Finished again = write("boiler");
  CHECK(again.status == 2);
  CHECK(says(again.err, "holds pictures of this scene already, like boiler-1-000000.jpg; give another --out"));
  CHECK(write("meter").status == 0);
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
  CHECK(says(perch_scene({"lot", "--out", out, "--set", "weather=snow"}).err, "perch scene: --set: weather: "));
  const Finished all = perch_scene({"lot", "--out", out, "--size", "9x180", "--set", "weather=snow", "--set", "fog=1"});
  CHECK(says(all.err, "perch scene: 3 errors\n"));
  for (const char* line : {"\n  --size: width: ", "\n  --set: weather: ", "\n  --set: fog: unknown key"})
    CHECK(says(all.err, line));
  CHECK(perch_scene({"lot", "--out", out, "--size", "big"}).err.find("1280x720") != std::string::npos);
  CHECK(perch_scene({"lot"}).status == 2);
  CHECK(says(perch_scene({"lott"}).err, "did you mean 'lot'?"));
  CHECK(
      says(perch_scene({"lot", "--out", out, "--set", "seed=5"}).err, "--set: seed: is not among the other settings"));
  CHECK(says(perch_scene({"lot", "--out", out, "--every", "0s"}).err, "--every: must be more than nothing"));
  CHECK(says(perch_scene({"lot", "--out", out, "--frames", "3", "--seeds", "5"}).err, "3 seeds and not of 5"));
  CHECK(says(perch_scene({"lot", "--out", out, "--frames", "10", "--seeds", "6"}).err, "2 of each seed, come of 5"));
  for (const char* seed : {"-1", "99999999999999999999"}) {
    const Finished f = perch_scene({"lot", "--out", out, "--seed", seed});
    CHECK(f.status == 2);
    CHECK(says(f.err, "not in range 0 to 9007199254740991"));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("the list tells what each setting may be, of one scene when it is named") {
  const Finished all = perch_scene({"--list"}), one = perch_scene({"--list", "meter"});
  CHECK(says(all.out, "changing, clear, cloudy, rain; default \"changing\""));
  CHECK(says(all.out, "lot: "));
  CHECK(one.status == 0);
  CHECK(says(one.out, "meter: "));
  CHECK_FALSE(says(one.out, "lot: "));
  CHECK(perch_scene({"--list", "nope"}).status == 2);
}

TEST_CASE("asked to end it ends with what it has begun, and says so") {
  const TempFolder folder;
  perch::test::RunningProgram scene({PERCH_PROGRAM, "scene", "meter", "--size", "160x120", "--frames", "1000000",
                                     "--dataset", "--out", (folder / "set").string()});
  const std::filesystem::path first = folder / "set/pictures/meter-1-000000.jpg";
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!std::filesystem::exists(first) && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  REQUIRE(std::filesystem::exists(first));
  scene.signal(SIGTERM);
  CHECK(scene.wait() == 130);
  CHECK(std::filesystem::exists(folder / "set/labels.json"));
}

TEST_CASE("where nobody can read what is wrong, the exit status still says it") {
  const TempFolder folder;
  const std::string command = std::string(PERCH_PROGRAM) + " scene nope --out " + (folder / "x").string();
  CHECK(run_program({"sh", "-c", command + " 2>/dev/full"}).status == 2);
}
