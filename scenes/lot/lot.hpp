#pragma once
#include <memory>

#include "base/result.hpp"
#include "config/field.hpp"
#include "scenes/core/daylight.hpp"
#include "scenes/scene.hpp"

namespace perch::scenes::lot {

/// A parking lot with 40 slots, seen obliquely from a roof or a post.
struct Config : Common {
  Weather weather = Weather::changing;
  double busy = 1;
  bool clean_camera = false;  ///< no noise, blur, shake: for tests and pictures of the truth
};

inline constexpr auto kFields = config::fields<Config>(
    config::field("seed", &Config::seed).at_least(0).help("another number is another lot, camera and traffic"),
    config::field("width", &Config::width).range(160, 3840).unit("px").help("of the picture"),
    config::field("height", &Config::height).range(120, 2160).unit("px").help("of the picture"),
    config::field("weather", &Config::weather).help("of every day; changing draws one for each six hours"),
    config::field("busy", &Config::busy).range(0, 4).help("how much comes and goes; 0 leaves the lot empty"),
    config::field("clean_camera", &Config::clean_camera).help("a camera without noise, blur and shaking"));

std::unique_ptr<Scene> create(const Config& config);

}  // namespace perch::scenes::lot
