#include "image/thermal_picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "image/colour_map.hpp"
#include "image/overlay.hpp"

namespace perch::image {

namespace {

constexpr int kWidth = 640;
constexpr int kMostPixels = 4'000'000;
constexpr float kStep = 10;  // °C
constexpr Colour kUnknown{128, 128, 128};

Colour colour_of(float celsius, const ThermalScale& scale) {
  return std::isfinite(celsius) ? thermal_colour(thermal_step(celsius, scale.low, scale.high)) : kUnknown;
}

}  // namespace

ThermalScale thermal_scale(std::span<const float> celsius) {
  float coldest = INFINITY, hottest = -INFINITY;
  for (const float value : celsius) {
    if (!std::isfinite(value)) continue;
    coldest = std::min(coldest, value);
    hottest = std::max(hottest, value);
  }
  ThermalScale scale;
  if (coldest > hottest) return scale;
  const float low = std::floor(coldest / kStep) * kStep, high = std::ceil(hottest / kStep) * kStep;
  const bool apart = hottest < scale.low || coldest > scale.high;
  if (apart) return {low, std::max(high, low + kStep)};
  return {std::min(scale.low, low), std::max(scale.high, high)};
}

void draw_thermal(std::span<const float> celsius, int rows, int cols, const ThermalScale& scale, Picture& out) {
  out.reset(0, 0);
  const bool whole = rows > 0 && cols > 0 && rows <= kMostPixels / cols &&
                     celsius.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  if (!whole) return;
  int side = std::max(1, kWidth / cols);
  while (side > 1 && side * side * rows * cols > kMostPixels) --side;
  out.reset(cols * side, rows * side);
  for (int row = 0; row < rows; ++row) {
    std::uint8_t* first = out.row(row * side);
    std::uint8_t* pixel = first;
    for (int col = 0; col < cols; ++col) {
      const Colour colour = colour_of(celsius.data()[std::ptrdiff_t{row} * cols + col], scale);
      for (int i = 0; i < side; ++i) {
        *pixel++ = colour.red;
        *pixel++ = colour.green;
        *pixel++ = colour.blue;
      }
    }
    for (int i = 1; i < side; ++i) std::copy_n(first, out.stride(), out.row(row * side + i));
  }
  Overlay(out).text(fmt::format("{:.0f} to {:.0f} C", scale.low, scale.high), Corner::bottom_left);
}

}  // namespace perch::image
