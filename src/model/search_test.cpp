#include "model/search.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "support/looks.hpp"
#include "support/program.hpp"

using namespace perch;
using namespace perch::model;

TEST_CASE("a name is found in the first folder that has it, with or without its extension") {
  const test::TempFolder a, b;
  REQUIRE(write_file(a.path() / "x.onnx", as_bytes("1")));
  REQUIRE(write_file(b.path() / "x.onnx", as_bytes("2")));
  const std::vector<std::filesystem::path> folders{b.path() / "missing", a.path(), b.path()};
  CHECK(find_model("x", folders) == a.path() / "x.onnx");
  CHECK(find_model("x.onnx", folders) == a.path() / "x.onnx");
  CHECK(find_model((b.path() / "x.onnx").string(), folders) == b.path() / "x.onnx");
  CHECK(list_models(folders) == std::vector{a.path() / "x.onnx"});
}

TEST_CASE("an unknown name is an error with the nearest model and the places looked at") {
  const test::TempFolder folder;
  REQUIRE(write_file(folder.path() / "cellar.onnx", as_bytes("1")));
  const std::vector folders{folder.path()};
  const auto found = find_model("celar", folders);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Errc::not_found);
  CHECK(test::says(found.error().message(), "did you mean 'cellar'?"));
  CHECK(test::says(found.error().message(), folder.path().string()));
}

TEST_CASE("a known model whose file is not here says so") {
  const auto found = find_model("yolox-nano", {});
  REQUIRE_FALSE(found);
  CHECK(test::says(found.error().message(), "no yolox-nano.onnx"));
}

TEST_CASE("a path that is not there, a folder and an empty name are errors") {
  const test::TempFolder folder;
  CHECK(find_model((folder.path() / "no.onnx").string(), {}).error().code == Errc::not_found);
  CHECK(find_model(folder.path().string(), {}).error().code == Errc::invalid);
  CHECK(find_model("", {}).error().code == Errc::invalid);
  CHECK(find_model(std::string_view("a\0b", 3), {}).error().code == Errc::invalid);
}

TEST_CASE("PERCH_MODELS adds folders after those given") {
  ::setenv("PERCH_MODELS", "/one::/two", 1);
  const std::vector<std::filesystem::path> given{"/given"};
  const auto folders = model_folders(given);
  ::unsetenv("PERCH_MODELS");
  REQUIRE(folders.size() >= 4);
  CHECK(folders[0] == "/given");
  CHECK(folders[1] == "/one");
  CHECK(folders[2] == "/two");
  CHECK(folders[3] == "models");
}
