#include "scenes/catalogue.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "scenes/boiler/boiler.hpp"
#include "scenes/lot/lot.hpp"
#include "scenes/meter/meter.hpp"
#include "scenes/room/room.hpp"

namespace perch::scenes {

namespace {

struct Entry {
  SceneSpec spec;
  std::unique_ptr<Scene> (*create)(const config::Node& settings, config::Diagnostics& diagnostics);
};

/// Reads the settings by a field table and hands them to the scene's own function.
template <const auto& Fields, auto Create>
std::unique_ptr<Scene> create_from(const config::Node& settings, config::Diagnostics& diagnostics) {
  typename std::remove_cvref_t<decltype(Fields)>::Type config{};
  const config::Node table = settings.table() ? settings : config::Node{config::Table{}};
  return Fields.read(table, "", diagnostics, config) ? Create(config) : nullptr;
}

std::vector<Entry> entries() {
  std::vector<Entry> list;
  list.push_back(
      {{"boiler", "a boiler and its pipes before a thermal camera; rarely a hot spot", boiler::kFields.spec()},
       &create_from<boiler::kFields, &boiler::create>});
  list.push_back({{"lot", "a parking lot with 40 slots; cars come, park and go, in all weathers, day and night",
                   lot::kFields.spec()},
                  &create_from<lot::kFields, &lot::create>});
  list.push_back(
      {{"meter", "an electricity, gas or water meter with rollers, before a small camera", meter::kFields.spec()},
       &create_from<meter::kFields, &meter::create>});
  list.push_back(
      {{"room", "a furnished room with people who walk, stand, sit, lie and rarely fall", room::kFields.spec()},
       &create_from<room::kFields, &room::create>});
  return list;
}

}  // namespace

std::vector<SceneSpec> catalogue() {
  std::vector<SceneSpec> specs;
  for (Entry& entry : entries()) specs.push_back(std::move(entry.spec));
  return specs;
}

Result<std::unique_ptr<Scene>> create(std::string_view name, const config::Node& settings) {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) {
    if (entry.spec.name == name) {
      config::Diagnostics diagnostics;
      std::unique_ptr<Scene> scene = entry.create(settings, diagnostics);
      if (!diagnostics.ok()) return fail(diagnostics.to_error());
      return scene;
    }
    names.push_back(entry.spec.name);
  }
  return fail(Errc::not_found, fmt::format("there is no scene '{}'", printable(name, 60)), {}, suggest(name, names));
}

}  // namespace perch::scenes
