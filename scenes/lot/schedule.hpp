#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "scenes/core/random.hpp"
#include "scenes/lot/drive.hpp"
#include "scenes/lot/layout.hpp"

namespace perch::scenes::lot {

/// One car's visit. Times in seconds since the day's midnight.
struct Stay {
  int id = 0;  ///< of this visit; a car that stays over midnight keeps it
  int slot = 0;
  std::uint64_t car = 0;  ///< the key that the car is made from
  CarPose rest;           ///< how it stands
  bool nose_in = true;
  float arrives_s = 0;  ///< starts to drive in; below zero: it was there at midnight
  float parked_s = 0;   ///< stands
  float leaves_s = 0;   ///< starts to drive out; beyond the day: it stays over midnight
  float gone_s = 0;
  std::shared_ptr<const Drive> in;
  std::shared_ptr<const Drive> out;
  float counted_in_s = -1;  ///< passes the gate; below zero: not on this day
  float counted_out_s = -1;
};

/// All visits of a day, in the order of their arrival. Only one car drives at a time, so none meet.
/// @param busy  1 is usual; 0: nobody comes
std::vector<Stay> visits_of_day(const Layout& layout, Random random, int day, float busy);

}  // namespace perch::scenes::lot
