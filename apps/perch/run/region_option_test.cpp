#include "run/region_option.hpp"

#include <doctest/doctest.h>

#include "base/bytes.hpp"

using perch::cli::parse_region_option;

TEST_CASE("regions are written as in a configuration") {
  const auto option = parse_region_option(" [[570, 150, 168.5, 210], [0,0, 10,0, 10,10, 0,10]]");
  REQUIRE(option);
  REQUIRE(option->fixed.size() == 2);
  CHECK(option->fixed[0] == std::vector<double>{570, 150, 168.5, 210});
  CHECK(option->fixed[1].size() == 8);
  CHECK(option->model.empty());
}

TEST_CASE("a JSON file with regions serves as well") {
  const auto path = std::filesystem::temp_directory_path() / "perch_region_option_test.json";
  REQUIRE(perch::write_file(path, perch::as_bytes("[\n  [1, 2, 3, 4]\n]\n")));
  const auto option = parse_region_option("@" + path.string());
  std::filesystem::remove(path);
  REQUIRE(option);
  CHECK(option->fixed == std::vector<std::vector<double>>{{1, 2, 3, 4}});
}

TEST_CASE("another model's findings are regions, all of them or some labels") {
  const auto some = parse_region_option("yolox-nano:person, dog");
  REQUIRE(some);
  CHECK(some->model == "yolox-nano");
  CHECK(some->labels == std::vector<std::string>{"person", "dog"});
  const auto all = parse_region_option("models/faces.onnx");
  REQUIRE(all);
  CHECK(all->model == "models/faces.onnx");
  CHECK(all->labels.empty());
}

TEST_CASE("what is no region is answered with the forms that are") {
  for (const char* text : {"", "[[1,2", "[1,2,3,4]", "[[\"a\"]]", ":person", "@/nowhere/regions.json"}) {
    CAPTURE(text);
    const auto option = parse_region_option(text);
    REQUIRE_FALSE(option);
    CHECK_FALSE(option.error().message().empty());
    if (text[0] != '@') CHECK(option.error().remedy.find("MODEL:label") != std::string::npos);
  }
}
