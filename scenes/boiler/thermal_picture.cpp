#include "scenes/boiler/thermal_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "image/colour_map.hpp"

namespace perch::scenes::boiler {

namespace {

/// Where one place of a side lies among the cells: the first of four, and the weight of each (Catmull and Rom).
struct Taps {
  int first = 0;
  std::array<float, 4> weight{};
};

std::vector<Taps> taps_of(int places, int cells) {
  std::vector<Taps> out(static_cast<std::size_t>(places));
  for (int i = 0; i < places; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) * static_cast<float>(cells) / static_cast<float>(places) - 0.5F;
    const float base = std::floor(at), t = at - base;
    Taps& taps = out[static_cast<std::size_t>(i)];
    taps.first = static_cast<int>(base) - 1;
    taps.weight = {0.5F * (-t * t * t + 2 * t * t - t), 0.5F * (3 * t * t * t - 5 * t * t + 2),
                   0.5F * (-3 * t * t * t + 4 * t * t + t), 0.5F * (t * t * t - t * t)};
  }
  return out;
}

}  // namespace

void draw_thermal(const ThermalGrid& grid, image::Picture& out) {
  std::vector<std::array<float, 3>> colours;
  for (const float celsius : grid.celsius) {
    const image::Colour c = image::thermal_colour(image::thermal_step(celsius));
    colours.push_back({static_cast<float>(c.red), static_cast<float>(c.green), static_cast<float>(c.blue)});
  }
  const std::vector<Taps> across = taps_of(out.width(), grid.cols), down = taps_of(out.height(), grid.rows);
  std::vector<std::array<float, 3>> row(static_cast<std::size_t>(grid.cols));
  for (int y = 0; y < out.height(); ++y) {
    const Taps& v = down[static_cast<std::size_t>(y)];
    for (int col = 0; col < grid.cols; ++col) {
      auto& mixed = row[static_cast<std::size_t>(col)];
      mixed = {};
      for (int k = 0; k < 4; ++k) {
        const int from = std::clamp(v.first + k, 0, grid.rows - 1);
        const auto& c = colours[static_cast<std::size_t>(from) * static_cast<std::size_t>(grid.cols) +
                                static_cast<std::size_t>(col)];
        for (std::size_t i = 0; i < 3; ++i) mixed[i] += c[i] * v.weight[static_cast<std::size_t>(k)];
      }
    }
    std::uint8_t* to = out.row(y);
    for (int x = 0; x < out.width(); ++x, to += 3) {
      const Taps& u = across[static_cast<std::size_t>(x)];
      for (std::size_t i = 0; i < 3; ++i) {
        float sum = 0.5F;
        for (int k = 0; k < 4; ++k)
          sum += row[static_cast<std::size_t>(std::clamp(u.first + k, 0, grid.cols - 1))][i] *
                 u.weight[static_cast<std::size_t>(k)];
        to[i] = static_cast<std::uint8_t>(std::clamp(sum, 0.0F, 255.0F));
      }
    }
  }
}

}  // namespace perch::scenes::boiler
