#pragma once
#include <span>

#include "image/picture.hpp"

namespace perch::image {

/// The ends of the colour scale, in °C.
struct ThermalScale {
  float low = 20;
  float high = 40;
  bool operator==(const ThermalScale&) const = default;
};

/// A scale that holds every value of a grid: 20 to 40 °C, widened in steps of 10 °C as far as needed; when all lie
/// beyond it, the values' own range rounded outward to tens. NaN and infinite values do not count. @thread any
ThermalScale thermal_scale(std::span<const float> celsius);

/// Draws a grid of temperatures for people: each cell a square of clear edges in the colours of `thermal_colour`, about
/// 640 px wide, with the scale's ends written in a corner. Values that are not finite are grey.
/// @param celsius  rows × cols values, row-major
/// @param out      RGB; keeps its memory. Empty when `celsius` is not rows × cols
/// @thread any
void draw_thermal(std::span<const float> celsius, int rows, int cols, const ThermalScale& scale, Picture& out);

}  // namespace perch::image
