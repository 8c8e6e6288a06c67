#pragma once
#include <cstdint>

namespace perch::image {

/// An RGB colour.
struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  bool operator==(const Colour&) const = default;
};

/// Steps of the thermal colour map, black over blue, green, red and yellow to white.
inline constexpr int kThermalSteps = 1000;

/// The colour of one step: a sum of Gaussians of width 1000/7 around seven stops. Steps outside 0..999 take the nearest
/// end. @thread any
Colour thermal_colour(int step);

/// The step of a temperature on a scale from `low` to `high`: 0..999, clamped; NaN gives 0. @thread any
int thermal_step(float celsius, float low = 20, float high = 40);

}  // namespace perch::image
