#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "support/program.hpp"

using perch::test::Finished;
using perch::test::run_program;
using perch::test::TempFolder;
using perch::test::write_test_file;
namespace json = boost::json;

namespace {

Finished perch_check(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {PERCH_PROGRAM, "check"});
  return run_program(arguments);
}

constexpr std::string_view kGood = R"(
[[camera]]
name = "driveway"
source = { kind = "folder", path = "pictures" }
[[camera.task]]
name = "cars"
model = "yolox-nano"
analysis = { kind = "detect", labels = ["car"] }
)";

}  // namespace

TEST_CASE("a right configuration is summed up in one line") {
  const TempFolder folder;
  const std::string file = (folder / "perch.toml").string();
  write_test_file(file, kGood);
  const Finished f = perch_check({"--no-models", file});
  CHECK(f.status == 0);
  CHECK(f.out == file + ": ok: 1 camera, 1 task\n");
  CHECK(f.err.empty());
}

TEST_CASE("blocks for cameras that are discovered are summed up too, with their tasks") {
  const TempFolder folder;
  const std::string file = (folder / "perch.toml").string();
  const std::string task = "model = 'yolox-nano'\nanalysis = { kind = 'detect' }\n";
  const std::string block = "[[discover]]\nmatch = 'indoor-*'\n[[discover.task]]\nname = 'cars'\n" + task +
                            "[[discover.task]]\nname = 'people'\n" + task;
  write_test_file(file, block);
  CHECK(perch_check({"--no-models", file}).out == file + ": ok: 0 cameras, 1 discover block, 2 tasks\n");
  write_test_file(file, std::string(kGood) + block + "[[discover]]\nmatch = '*'\n");
  CHECK(perch_check({"--no-models", file}).out == file + ": ok: 1 camera, 2 discover blocks, 3 tasks\n");
  const json::value sums = json::parse(perch_check({"--no-models", "--json", file}).out);
  CHECK(sums.at("cameras") == 1);
  CHECK(sums.at("discover") == 2);
  CHECK(sums.at("tasks") == 3);
}

TEST_CASE("a model that is not there is an error at the task that wants it, beside all others") {
  const TempFolder folder;
  const std::string file = (folder / "perch.toml").string();
  write_test_file(file,
                  "lisen = 'x'\n[[camera]]\nname = 'a'\nsource = { kind = 'folder', path = 'x' }\n"
                  "[[camera.task]]\nname = 'cars'\nmodel = './gone.onnx'\nanalysis = { kind = 'detect' }\n");
  const Finished f = perch_check({file});
  CHECK(f.status == 1);
  CHECK(f.out.find(file + ":1:1: lisen: unknown key") != std::string::npos);
  CHECK(f.out.find(file + ":7:9: camera.a.task.cars.model: ") != std::string::npos);
  CHECK(f.out.find("gone.onnx") != std::string::npos);
}

TEST_CASE("every error is a line with its place, its key, its reason and what was meant") {
  const TempFolder folder;
  const std::string file = (folder / "perch.toml").string();
  write_test_file(file,
                  "lisen = '127.0.0.1:3000'\n[[camera]]\nname = 'front door'\nevery = '1ms'\nsource = { kind = "
                  "'fodler', path = 'x' }\n");
  const Finished f = perch_check({file});
  CHECK(f.status == 1);
  CHECK(f.out == file + ":1:1: lisen: unknown key; did you mean 'listen'?\n" + file +
                     ":3:8: camera.front door.name: 'front door' is not a name; names have letters, digits, - and _: "
                     "'front-door' would do\n" +
                     file + ":4:9: camera.front door.every: is 1ms, but must be between 10ms and 1d, or 0s\n" + file +
                     ":5:19: camera.front door.source.kind: there is no source of the kind 'fodler'; did you mean "
                     "'folder'?\n");
  CHECK(f.err == "perch check: 4 errors\n");
}

TEST_CASE("for scripts the same is one JSON object") {
  const TempFolder folder;
  const std::string file = (folder / "perch.toml").string();
  write_test_file(file, "evry = 1\n");
  const Finished wrong = perch_check({"--json", file});
  CHECK(wrong.status == 1);
  const json::value answer = json::parse(wrong.out);
  CHECK(answer.at("ok").as_bool() == false);
  const json::value& error = answer.at("errors").as_array().at(0);
  CHECK(error.at("file").as_string() == file);
  CHECK(error.at("line").as_int64() == 1);
  CHECK(error.at("column").as_int64() == 1);
  CHECK(error.at("key").as_string() == "evry");
  CHECK(error.at("reason").as_string() == "unknown key");
  write_test_file(file, kGood);
  const Finished right = perch_check({"--json", "--no-models", file});
  CHECK(right.status == 0);
  CHECK(json::parse(right.out).at("cameras").as_int64() == 1);
  CHECK(json::parse(right.out).at("errors").as_array().empty());
}

TEST_CASE("a file that cannot be read has a status of its own") {
  const Finished f = perch_check({"/nowhere/perch.toml"});
  CHECK(f.status == 2);
  CHECK(f.out == "/nowhere/perch.toml: cannot open: No such file or directory; check the path\n");
  CHECK(json::parse(perch_check({"--json", "/nowhere/perch.toml"}).out).at("ok").as_bool() == false);
  CHECK(perch_check({}).status == 2);
  CHECK(perch_check({"--schema", "--reference"}).status == 2);
}

TEST_CASE("the schema is JSON and has a definition for each component") {
  const Finished f = perch_check({"--schema"});
  CHECK(f.status == 0);
  const json::value schema = json::parse(f.out);
  CHECK(schema.at("$schema").as_string() == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema.at("$defs").as_object().contains("analysis.detect"));
  CHECK(schema.at("$defs").at("source.folder").at("properties").at("kind").at("const").as_string() == "folder");
  CHECK_FALSE(schema.at("$defs").as_object().contains("decoder.yolox"));  // stands in cards, not here
}
