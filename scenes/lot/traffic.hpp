#pragma once
#include <memory>
#include <vector>

#include "scenes/lot/schedule.hpp"

namespace perch::scenes::lot {

/// A car at one moment.
struct CarNow {
  const Stay* stay = nullptr;  ///< valid until the traffic is asked for another day
  CarPose pose;
  bool driving = false;
  bool braking = false;
};

/// Somebody on foot at one moment.
struct WalkerNow {
  int id = 0;
  std::uint64_t person = 0;  ///< the key that the person is made from
  Vec2 at;
  float heading = 0;
  float phase = 0;  ///< of the steps, 0..1
};

/// Everything that comes and goes.
struct TrafficNow {
  std::vector<CarNow> cars;
  std::vector<WalkerNow> walkers;
  int counted_in = 0;  ///< since midnight
  int counted_out = 0;
};

/// Who is where at any time. @thread one at a time
class Traffic {
 public:
  /// Borrows the layout. @param busy  how much comes and goes: 1 is usual, 0 nothing
  Traffic(const Layout& layout, Random random, float busy) : layout_(&layout), random_(random), busy_(busy) {}

  /// @param t_s  seconds since the first midnight
  void at(double t_s, TrafficNow& out);

 private:
  void walk_drivers(float s, TrafficNow& out) const;
  void walk_others(double t_s, TrafficNow& out) const;

  const Layout* layout_;
  Random random_;
  float busy_;
  int day_ = -1;
  std::vector<Stay> visits_;
};

}  // namespace perch::scenes::lot
