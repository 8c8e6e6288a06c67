#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "recipes/replay.hpp"

using namespace perch;
namespace json = boost::json;

namespace {

struct Recipe {
  std::string name;
  std::size_t looks;
  double tolerance;  ///< of numbers
  double share;      ///< of lines that must agree: other processors round otherwise in a model
};

const std::vector<Recipe> kRecipes{{"asset-tracking", 60, 0, 0.95},
                                   {"parking", 60, 1, 0.95},
                                   {"thermal", 100, 0.15, 0.98},
                                   {"energy-meter", 120, 0.1, 0.98},
                                   {"car", 200, 1e-9, 1}};

std::vector<json::object> read_golden(const std::filesystem::path& file) {
  std::vector<json::object> lines;
  std::ifstream text(file);
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line).as_object());
  return lines;
}

void write_golden(const std::filesystem::path& file, const std::vector<json::object>& lines) {
  std::ofstream text(file);
  for (const json::object& line : lines) text << json::serialize(line) << '\n';
}

}  // namespace

TEST_CASE("each recipe is a right configuration") {
  for (const Recipe& recipe : kRecipes) {
    CAPTURE(recipe.name);
    const edge::Settings settings = recipes::settings_of(recipe.name);
    CHECK(settings.cameras.size() == 1);
    CHECK(settings.sinks.size() == 1);
  }
}

// PERCH_WRITE_GOLDEN=1 writes the golden files anew: look at what has changed before you commit it.
TEST_CASE("each recipe gives the readings of its golden run") {
  for (const Recipe& recipe : kRecipes) {
    CAPTURE(recipe.name);
    const std::filesystem::path file = recipes::folder_of(recipe.name) / "golden.jsonl";
    const bool anew = std::getenv("PERCH_WRITE_GOLDEN") != nullptr;
    REQUIRE_MESSAGE((anew || std::filesystem::exists(file)), "no golden run: write it with PERCH_WRITE_GOLDEN=1");
    const std::vector<json::object> lines =
        recipes::replay(recipe.name, recipes::settings_of(recipe.name), recipe.looks);
    if (anew) {
      if (!lines.empty()) write_golden(file, lines);
      continue;
    }
    std::size_t compared = 0, agreeing = 0;
    const std::vector<json::object> golden = read_golden(file);
    for (const json::object& should : golden) {
      const auto is = std::ranges::find_if(lines, [&](const json::object& line) {
        return line.at("look") == should.at("look") && line.at("task") == should.at("task");
      });
      ++compared;
      if (is != lines.end() && recipes::agree(*is, should, recipe.tolerance)) ++agreeing;
    }
    CHECK(compared >= recipe.looks);
    CHECK(static_cast<double>(agreeing) >= recipe.share * static_cast<double>(compared));
  }
}
