#include "vision/thermal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace perch::vision {

namespace {

constexpr float kHole = std::numeric_limits<float>::quiet_NaN();

/// The mean of a cell's neighbours that are temperatures.
std::optional<float> neighbours_mean(const ThermalGrid& grid, int row, int col) {
  float sum = 0;
  int count = 0;
  for (int y = std::max(row - 1, 0); y <= std::min(row + 1, grid.rows - 1); ++y)
    for (int x = std::max(col - 1, 0); x <= std::min(col + 1, grid.cols - 1); ++x) {
      const float value = grid.celsius.data()[std::ptrdiff_t{y} * grid.cols + x];
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
  if (count == 0) return std::nullopt;
  return sum / static_cast<float>(count);
}

}  // namespace

bool is_temperature(float celsius) {
  return celsius >= kColdestCelsius && celsius <= kHottestCelsius && celsius != 0;
}

void repair(ThermalGrid& grid) {
  grid.repaired = 0;
  if (!grid.is_whole()) return;
  std::vector<int> holes;
  for (std::size_t i = 0; i < grid.celsius.size(); ++i) {
    if (is_temperature(grid.celsius[i])) continue;
    grid.celsius[i] = kHole;
    holes.push_back(static_cast<int>(i));
  }
  grid.repaired = static_cast<int>(holes.size());
  std::vector<std::pair<int, float>> filled;
  while (!holes.empty()) {
    // A ring at a time: what is filled in this round is no neighbour yet.
    filled.clear();
    std::erase_if(holes, [&](int i) {
      const std::optional<float> mean = neighbours_mean(grid, i / grid.cols, i % grid.cols);
      if (mean) filled.emplace_back(i, *mean);
      return mean.has_value();
    });
    if (filled.empty()) return;
    for (const auto& [i, value] : filled) grid.celsius[static_cast<std::size_t>(i)] = value;
  }
}

}  // namespace perch::vision
