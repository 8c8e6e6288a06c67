#include "vision/thermal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace perch::vision {

namespace {

constexpr float kHole = std::numeric_limits<float>::quiet_NaN();

/// Calls with each cell of the 3 × 3 around one that lies in the grid, itself included.
template <class F>
void around(const ThermalGrid& grid, int cell, F call) {
  const int row = cell / grid.cols, col = cell % grid.cols;
  for (int y = std::max(row - 1, 0); y <= std::min(row + 1, grid.rows - 1); ++y)
    for (int x = std::max(col - 1, 0); x <= std::min(col + 1, grid.cols - 1); ++x) call(y * grid.cols + x);
}

/// The mean of a cell's neighbours that are temperatures; NaN when none is.
float neighbours_mean(const ThermalGrid& grid, int cell) {
  float sum = 0;
  int count = 0;
  around(grid, cell, [&](int i) {
    const float value = grid.celsius[static_cast<std::size_t>(i)];
    if (std::isnan(value)) return;
    sum += value;
    ++count;
  });
  return count == 0 ? kHole : sum / static_cast<float>(count);
}

/// The holes beside cells that have just been filled, each once: the next ring. `queued` are those of rings before.
std::vector<int> holes_beside(const ThermalGrid& grid, const std::vector<int>& filled, std::vector<bool>& queued) {
  std::vector<int> ring;
  for (const int cell : filled)
    around(grid, cell, [&](int i) {
      const auto at = static_cast<std::size_t>(i);
      if (queued[at] || !std::isnan(grid.celsius[at])) return;
      queued[at] = true;
      ring.push_back(i);
    });
  return ring;
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
  std::vector<int> ring;
  std::vector<bool> queued(grid.celsius.size());
  for (const int i : holes)
    if (!std::isnan(neighbours_mean(grid, i))) ring.push_back(i);
  for (const int i : ring) queued[static_cast<std::size_t>(i)] = true;
  std::vector<float> means;
  while (!ring.empty()) {
    // A ring at a time: what is filled in this round is no neighbour yet.
    means.clear();
    for (const int i : ring) means.push_back(neighbours_mean(grid, i));
    for (std::size_t k = 0; k < ring.size(); ++k) grid.celsius[static_cast<std::size_t>(ring[k])] = means[k];
    ring = holes_beside(grid, ring, queued);
  }
}

}  // namespace perch::vision
