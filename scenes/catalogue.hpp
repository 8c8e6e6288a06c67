#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/field_spec.hpp"
#include "config/node.hpp"
#include "scenes/scene.hpp"

namespace perch::scenes {

/// A scene that can be asked for by name.
struct SceneSpec {
  std::string name;
  std::string help;
  config::TableSpec fields;
};

/// All scenes, by name. @thread any
std::vector<SceneSpec> catalogue();

/// Makes a scene from its settings: a table, or an empty node for the defaults.
/// Errors: not_found (no scene of that name, with the nearest), invalid (its settings, with every diagnostic).
/// @thread any
Result<std::unique_ptr<Scene>> create(std::string_view name, const config::Node& settings);

}  // namespace perch::scenes
