#pragma once
#include <memory>

#include "config/field.hpp"
#include "scenes/scene.hpp"

namespace perch::scenes::boiler {

/// A boiler room before a thermal camera of 24 × 32 cells.
struct Config : Common {
  Config() {
    width = 640;
    height = 480;
  }

  double spots_per_week = 1;
  bool clean_camera = false;
};

inline constexpr auto kFields = config::fields<Config>(
    config::field("seed", &Config::seed).at_least(0).help("another number is another boiler, its pipes and its days"),
    config::field("width", &Config::width).range(32, 3840).unit("px").help("of the rendering"),
    config::field("height", &Config::height).range(24, 2160).unit("px").help("of the rendering"),
    config::field("spots_per_week", &Config::spots_per_week)
        .range(0, 28)
        .help("how often something gets hot that should not; 0: never"),
    config::field("clean_camera", &Config::clean_camera).help("a sensor without noise"));

/// Temperatures below which the water counts as cold, and from which as hot, °C.
inline constexpr float kWarmFrom = 33;
inline constexpr float kHotFrom = 50;

std::unique_ptr<Scene> create(const Config& config);

}  // namespace perch::scenes::boiler
