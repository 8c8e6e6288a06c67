#pragma once
#include <memory>

#include "config/field.hpp"
#include "scenes/meter/flow.hpp"
#include "scenes/scene.hpp"

namespace perch::scenes::meter {

/// A meter with rollers before a small camera.
struct Config : Common {
  Kind kind = Kind::any;
  double start = -1;
  bool clean_camera = false;
};

}  // namespace perch::scenes::meter

namespace perch::config {

template <>
struct EnumNames<perch::scenes::meter::Kind> {
  static constexpr std::array<std::string_view, 4> names{"any", "electricity", "gas", "water"};
};

}  // namespace perch::config

namespace perch::scenes::meter {

inline constexpr auto kFields = config::fields<Config>(
    config::field("seed", &Config::seed).at_least(0).help("another number is another meter, camera and household"),
    config::field("width", &Config::width).range(160, 3840).unit("px").help("of the picture"),
    config::field("height", &Config::height).range(120, 2160).unit("px").help("of the picture"),
    config::field("kind", &Config::kind).help("what it measures; any draws one"),
    config::field("start", &Config::start).range(-1, 99999).help("the counter at the beginning; -1 draws one"),
    config::field("clean_camera", &Config::clean_camera)
        .help("no noise, blur, glare and dirt, straight before the meter"));

std::unique_ptr<Scene> create(const Config& config);

}  // namespace perch::scenes::meter
