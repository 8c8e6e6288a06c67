#pragma once
#include <array>
#include <vector>

#include "scenes/core/random.hpp"
#include "scenes/core/vec.hpp"
#include "scenes/core/view_point.hpp"

namespace perch::scenes::lot {

/// A place to park, on the ground. A car parked nose in points along `heading`.
struct Slot {
  std::array<Vec2, 4> corners;  ///< entrance first: left, right as one drives in, then right, left at the far end
  Vec2 centre;
  float heading = 0;
  int aisle = 0;
};

/// The ground plan of a lot with 40 slots, in metres: rows of slots along x on both sides of one-way aisles, which are
/// driven towards +x from a lane on the left to a lane on the right. Cars come and go over the lanes' lower ends.
struct Layout {
  std::vector<Slot> slots;
  std::vector<float> aisles_y;
  float aisle_width = 6;
  float left_lane_x = -4;
  float right_lane_x = 4;
  float gate_y = -4;     ///< cars are counted where they pass it
  float street_y = -12;  ///< they come from here and go there
  Vec2 paved_from;
  Vec2 paved_to;
  std::vector<float> islands_y;  ///< strips of green between rows that meet nose to nose
  float island_from_x = 0;
  float island_to_x = 0;

  static Layout of(Random random);
};

/// A camera on a roof or a post that sees all slots. @param fov  how wide it sees, seeded
ViewPoint view_of(const Layout& layout, Random random, int width, int height);

}  // namespace perch::scenes::lot
