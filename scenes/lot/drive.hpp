#pragma once
#include <vector>

#include "scenes/core/vec.hpp"
#include "scenes/lot/layout.hpp"

namespace perch::scenes::lot {

/// Where a car is and where its nose points.
struct CarPose {
  Vec2 at;
  float heading = 0;
  float speed = 0;  ///< m/s, negative backwards
};

/// A way that a car drives: pieces forward or backward, each a line with rounded corners. Starts and ends at rest.
class Drive {
 public:
  /// From the street into a slot, ending at `rest`. @param backward  the car turns round to park tail first
  static Drive in(const Layout& layout, const Slot& slot, const CarPose& rest, bool backward);

  /// From `rest` in a slot to the street. @param backward  the car stands nose first and must back out
  static Drive out(const Layout& layout, const Slot& slot, const CarPose& rest, bool backward);

  float seconds() const;

  /// Clamped to the ends.
  CarPose at(float seconds) const;

  /// When the car's middle passes a height of y on one of the lanes; below zero when it does not.
  float passes_y(float y) const;

 private:
  struct Step {
    Vec2 at;
    float heading = 0;
    float length = 0;  ///< from the piece's start
  };

  struct Piece {
    std::vector<Step> steps;
    bool backward = false;
    float cruise = 3;  ///< m/s

    float length() const { return steps.back().length; }

    float seconds() const;
    float travelled(float seconds) const;
  };

  void add(const std::vector<Vec2>& corners, float radius, bool backward, float cruise);

  std::vector<Piece> pieces_;
};

}  // namespace perch::scenes::lot
