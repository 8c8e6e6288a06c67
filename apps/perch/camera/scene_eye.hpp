#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "node/eye.hpp"
#include "scenes/scene.hpp"

namespace perch::cli {

/// A scene as a simulated camera looks at it.
struct SceneSight {
  std::string scene;  ///< of `scenes::catalogue()`
  std::int64_t seed = 1;
  int width = 800, height = 600;      ///< px
  std::string hour = "10h";           ///< of the scene's day, at which it starts
  double speed = 1;                   ///< how many of its seconds pass in one of ours
  std::vector<std::string> settings;  ///< further ones of the scene, `KEY=VALUE`
};

/// The scene, not yet looked at. Errors: those of `parse_duration` and `scenes::create`. @thread any
Result<std::unique_ptr<scenes::Scene>> make_scene(const SceneSight& sight);

/// An eye before it: gives pictures, temperatures where the scene has them, and the truth. Errors: as `make_scene`.
Result<std::unique_ptr<node::Eye>> scene_eye(const SceneSight& sight);

}  // namespace perch::cli
