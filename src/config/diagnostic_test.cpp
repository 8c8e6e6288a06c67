#include "config/diagnostic.hpp"

#include <doctest/doctest.h>

#include "config/node.hpp"

using namespace perch::config;

namespace {

Origin at(int line, int column) {
  return {std::make_shared<const std::string>("perch.toml"), line, column};
}

}  // namespace

TEST_CASE("a diagnostic is one line with the parts that are known") {
  CHECK(Diagnostic{"perch.toml", 12, 3, "camera.driveway.evry", "unknown key", "did you mean 'every'?"}.message() ==
        "perch.toml:12:3: camera.driveway.evry: unknown key; did you mean 'every'?");
  CHECK(Diagnostic{"perch.toml", 0, 0, "", "cannot open", ""}.message() == "perch.toml: cannot open");
  CHECK(Diagnostic{"", 0, 0, "every", "is missing", ""}.message() == "every: is missing");
}

TEST_CASE("diagnostics come in the order of the file, each once") {
  Diagnostics diagnostics;
  CHECK(diagnostics.ok());
  diagnostics.add(at(3, 1), "c", "x");
  diagnostics.add(at(1, 9), "b", "x");
  diagnostics.add(at(1, 2), "a", "x");
  diagnostics.add(at(3, 1), "c", "x");
  diagnostics.sort();
  REQUIRE(diagnostics.list().size() == 3);
  CHECK(diagnostics.list()[0].key == "a");
  CHECK(diagnostics.list()[2].key == "c");
}

TEST_CASE("as an error, one diagnostic keeps its place and many are listed") {
  Diagnostics one;
  one.add(at(1, 2), "a", "is missing", "set it");
  CHECK(one.to_error().message() == "perch.toml:1:2: a: is missing; set it");
  CHECK(one.to_error().code == perch::Errc::invalid);
  one.add(at(2, 2), "b", "unknown key");
  CHECK(one.to_error().message() ==
        "perch.toml: 2 errors\n  perch.toml:1:2: a: is missing; set it\n  perch.toml:2:2: b: unknown key");
  one.add({"--set", 0, 0, "c", "unknown key", ""});
  CHECK(one.to_error().message().starts_with("3 errors\n  perch.toml:1:2: a: is missing"));
}
