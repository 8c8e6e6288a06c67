#pragma once
#include <memory>

#include "config/field.hpp"
#include "scenes/scene.hpp"

namespace perch::scenes::room {

/// A furnished room with people, before a camera high in a corner.
struct Config : Common {
  std::int64_t people = 2;
  double falls_per_day = 2;
  bool clean_camera = false;
};

inline constexpr auto kFields = config::fields<Config>(
    config::field("seed", &Config::seed).at_least(0).help("another number is another room, camera and family"),
    config::field("width", &Config::width).range(160, 3840).unit("px").help("of the picture"),
    config::field("height", &Config::height).range(120, 2160).unit("px").help("of the picture"),
    config::field("people", &Config::people).range(0, 8).help("who live here; not all are always in the room"),
    config::field("falls_per_day", &Config::falls_per_day)
        .range(0, 96)
        .help("of each person; each lies for some minutes"),
    config::field("clean_camera", &Config::clean_camera).help("a camera without noise, blur and shaking"));

std::unique_ptr<Scene> create(const Config& config);

}  // namespace perch::scenes::room
