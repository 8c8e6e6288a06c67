#pragma once
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "camera/scene_eye.hpp"

namespace perch::cli {

/// One thing that is asked about a place.
struct Question {
  std::string task;   ///< its name
  std::string model;  ///< empty: none
  std::string toml;   ///< the other lines of its `[[discover.task]]`
};

/// A simulated camera of the demo: where it stands, and what is asked about what it sees.
struct Place {
  std::string name;  ///< that it announces itself as, and so the camera's
  std::string note;  ///< one line about it
  SceneSight sight;
  Nanoseconds period{0};      ///< between two pictures
  std::string path = "/jpg";  ///< of what is looked at
  std::vector<Question> questions;
};

/// The four places. Each scene's time runs so much faster than ours that something happens while somebody watches;
/// `speed` multiplies that. Where the wheels of the meter and the slots of the lot are is asked of the scenes: at a
/// real camera a person says it once. Errors: those of `make_scene`. Blocks for the time of two pictures.
Result<std::vector<Place>> demo_places(double speed);

}  // namespace perch::cli
