#pragma once
#include <optional>
#include <vector>

#include "scenes/core/random.hpp"
#include "scenes/core/vec.hpp"

namespace perch::scenes::boiler {

/// How a boiler burns: its water's temperature at any time.
class Cycle {
 public:
  explicit Cycle(Random random);

  float water_celsius(double t_s) const;
  bool burning(double t_s) const;

  /// Of the room it stands in.
  float room_celsius(double t_s) const;

 private:
  struct Burn {
    double from_s, to_s;  ///< of the cycle
    double off_s;         ///< when the flame goes out
    float low, high, next_low;
  };

  Burn burn_at(double t_s) const;
  float low_at(std::int64_t cycle) const;
  float demand(double t_s) const;

  Random random_;
  float period_s_;
  float cold_season_;
};

/// A hot spot where none ever was.
struct Spot {
  Vec2 at;        ///< cells: x column, y row
  float size;     ///< cells
  float celsius;  ///< what it adds now
};

/// Something warm: a bar between two places of the picture, in cells.
struct Part {
  Vec2 from;
  Vec2 to;
  float radius = 1;
  float share = 0.5F;  ///< of the water's warmth that reaches its surface
  float lag = 0;       ///< 0: follows the water at once; 1: hardly
};

/// What a thermal camera sees of a boiler room: 24 rows of 32 cells.
class Plant {
 public:
  static constexpr int kRows = 24;
  static constexpr int kCols = 32;

  /// @param spots_per_week  how often something gets hot that should not
  Plant(Random random, double spots_per_week);

  const Cycle& cycle() const { return cycle_; }

  std::optional<Spot> spot(double t_s) const;

  /// °C of each cell, row-major, as the sensor gives them: blurred, noisy.
  void measure(double t_s, bool clean, std::vector<float>& celsius) const;

 private:
  void lay_pipes(Random random);

  Random random_;
  double spots_per_week_;
  Cycle cycle_;
  std::vector<Part> parts_;
  std::vector<float> reach_;    ///< of each cell: share of the water's warmth that reaches it
  std::vector<float> lagging_;  ///< and what follows the water slowly
  std::vector<float> offset_;   ///< of each cell's sensor, °C
  std::vector<Vec2> cool_;      ///< places that are never warm
  float noise_;
};

}  // namespace perch::scenes::boiler
