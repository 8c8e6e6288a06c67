#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/program.hpp"

using perch::test::Finished;
using perch::test::run_program;
using perch::test::TempFolder;
using perch::test::write_test_file;

namespace {

Finished perch_run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {PERCH_PROGRAM, "run"});
  return run_program(arguments);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a model that nobody knows is refused before any picture is looked at") {
  const Finished f = perch_run({"--model", "yolox-nanoo", "/nowhere"});
  CHECK(f.status == 2);
  CHECK(f.out.empty());
  CHECK(contains(f.err, "yolox-nanoo"));
}

TEST_CASE("a file that is no ONNX model is refused with its name") {
  const TempFolder folder;
  write_test_file(folder / "cat.onnx", "<html>not found</html>");
  const Finished f = perch_run({"--model", (folder / "cat.onnx").string(), folder.path().string()});
  CHECK(f.status == 2);
  CHECK(contains(f.err, "cat.onnx"));
  CHECK(contains(f.err, "ONNX"));
}

TEST_CASE("a mistyped option is refused with a word on what to do") {
  const Finished f = perch_run({"--modle", "x", "y"});
  CHECK(f.status == 2);
  CHECK_FALSE(f.err.empty());
}

TEST_CASE("a duration that is none is refused with the forms that are") {
  const Finished f = perch_run({"--model", "x", "--every", "often", "y"});
  CHECK(f.status == 2);
  CHECK(contains(f.err, "--every"));
  CHECK(contains(f.err, "200ms"));
}
