#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/geometry.hpp"

namespace perch::scenes {

/// A point of a body and whether the camera sees it.
struct TruePoint {
  Point at_px;
  bool in_picture = false;
  bool visible = false;  ///< in the picture, and nothing stands before it
};

/// A thing in the picture. Things of which the picture shows nothing are left out.
struct TrueObject {
  int id = 0;         ///< the same thing has the same id as long as it is there
  std::string label;  ///< "car", "person"
  Box box_px;         ///< around its outline within the picture, as if nothing stood before it
  float visible = 1;  ///< share of that outline that shows
  bool moving = false;
  std::string posture;               ///< of a person: "standing", "walking", "sitting", "lying"; else empty
  bool fallen = false;               ///< a person lies where nobody would lie down
  std::vector<TruePoint> keypoints;  ///< of a person in a room: the 17 of COCO, in their order
};

/// A place to park.
struct TrueSlot {
  Quad corners_px;
  bool occupied = false;
};

/// How many crossed a line since midnight.
struct TrueCrossings {
  std::string line;
  Point from_px;
  Point to_px;
  int in = 0;
  int out = 0;
};

/// One wheel of a counter.
struct TrueWheel {
  Quad window_px;
  float position = 0;  ///< 0 ≤ x < 10: 3.7 is seven tenths of the way from 3 to 4
};

struct TrueMeter {
  std::string kind;  ///< "electricity", "gas", "water"
  std::string unit;
  double value = 0;
  double per_hour = 0;  ///< what flows now
  int decimals = 0;
  std::vector<TrueWheel> wheels;  ///< most significant first
};

struct TrueBoiler {
  std::string state;  ///< "cold", "warm", "hot"
  float water_celsius = 0;
  bool burning = false;
  std::optional<Point> spot;  ///< where a hot spot is, in cells of the grid: x column, y row
  float spot_celsius = 0;     ///< what it adds
};

/// What is true of one picture of a scene. Coordinates are pixels of the picture.
struct Truth {
  std::string scene;
  std::uint64_t seed = 0;
  double t_s = 0;  ///< seconds since the first midnight
  int width = 0;
  int height = 0;
  std::string weather;  ///< "clear", "cloudy", "rain"; empty indoors
  std::string light;    ///< "day", "dusk", "night", "lamp"
  std::vector<TrueObject> objects;
  std::vector<TrueSlot> slots;
  std::vector<TrueCrossings> crossings;
  std::optional<TrueMeter> meter;
  std::optional<TrueBoiler> boiler;
};

/// One JSON object; the form is in docs/scenes.md. @thread any
std::string to_json(const Truth& truth);

}  // namespace perch::scenes
