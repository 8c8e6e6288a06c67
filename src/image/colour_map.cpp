#include "image/colour_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace perch::image {

namespace {

struct Stop {
  double at;  ///< 0..1
  std::array<double, 3> rgb;
};

constexpr std::array<Stop, 7> kStops{{{0.0, {0, 0, 0}},
                                      {0.2, {0, 0, 0.5}},
                                      {0.4, {0, 0.5, 0}},
                                      {0.6, {0.5, 0, 0}},
                                      {0.8, {0.75, 0.75, 0}},
                                      {0.9, {1, 0.75, 0}},
                                      {1.0, {1, 1, 1}}}};

std::array<Colour, kThermalSteps> make_map() {
  std::array<Colour, kThermalSteps> map;
  const double width = double{kThermalSteps} / kStops.size();
  for (int step = 0; step < kThermalSteps; ++step) {
    std::array<double, 3> sum{};
    for (const Stop& stop : kStops) {
      const double away = (step - stop.at * kThermalSteps) / width;
      const double weight = std::exp(-away * away / 2);
      for (std::size_t c = 0; c < 3; ++c) sum[c] += stop.rgb[c] * weight;
    }
    const auto byte = [](double value) { return static_cast<std::uint8_t>(std::clamp(value * 255, 0.0, 255.0)); };
    map[static_cast<std::size_t>(step)] = {byte(sum[0]), byte(sum[1]), byte(sum[2])};
  }
  return map;
}

}  // namespace

Colour thermal_colour(int step) {
  static const std::array<Colour, kThermalSteps> map = make_map();
  return map[static_cast<std::size_t>(std::clamp(step, 0, kThermalSteps - 1))];
}

int thermal_step(float celsius, float low, float high) {
  const float step = (celsius - low) * (kThermalSteps - 1) / (high - low);
  if (!(step > 0)) return 0;
  return step >= kThermalSteps - 1 ? kThermalSteps - 1 : static_cast<int>(step);
}

}  // namespace perch::image
