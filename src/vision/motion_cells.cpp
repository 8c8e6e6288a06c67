#include "vision/motion_cells.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/assert.hpp"

namespace perch::vision {

namespace {

constexpr int kCellsAlong = 80;
constexpr int kMostRowsSummed = 128;  // 128 · 255 fits 16 bits twice over
constexpr std::size_t kSums = 8;      // independent sums, so that the compiler may use vector registers
constexpr float kBlack = 4;
constexpr float kWhite = 250;
constexpr float kFlatContrast = 3;  // luma levels; below this a factor cannot be told from an offset
constexpr int kRounds = 3;
constexpr float kWellExplained = 0.6F;

using Lanes = std::array<float, kSums>;

float total(const Lanes& lanes) {
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

/// 1 for a cell whose change tells about the exposure, else 0.
float usable(float before, float now, float watched) {
  const float darker = std::min(before, now);
  const float lighter = std::max(before, now);
  return darker > kBlack && lighter < kWhite ? watched : 0.F;
}

struct Cells {
  std::span<const float> before, now, tolerance, watched;
  float mean = 0;  ///< of `before`: fitting around it keeps 32-bit sums exact enough
};

float mean_before(const Cells& cells) {
  Lanes sum{}, count{};
  for (std::size_t i = 0; i < cells.before.size(); i += kSums)
    for (std::size_t j = 0; j < kSums; ++j) {
      const float weight = usable(cells.before[i + j], cells.now[i + j], cells.watched[i + j]);
      sum[j] += weight * cells.before[i + j];
      count[j] += weight;
    }
  const float all = total(count);
  return all > 0 ? total(sum) / all : 0;
}

Exposure one_round(const Cells& cells, const Exposure& from) {
  Lanes w{}, x{}, y{}, xx{}, xy{};
  for (std::size_t i = 0; i < cells.before.size(); i += kSums)
    for (std::size_t j = 0; j < kSums; ++j) {
      const float before = cells.before[i + j];
      const float now = cells.now[i + j];
      const float off = (now - from.apply(before)) / cells.tolerance[i + j];
      const float fade = 1 / (1 + off * off);
      const float weight = usable(before, now, cells.watched[i + j]) * fade * fade;
      const float dx = before - cells.mean;
      const float dy = now - before;
      w[j] += weight;
      x[j] += weight * dx;
      y[j] += weight * dy;
      xx[j] += weight * dx * dx;
      xy[j] += weight * dx * dy;
    }
  const float sw = total(w);
  if (sw < 1) return from;
  const float sx = total(x), sy = total(y);
  const float spread = total(xx) - sx * sx / sw + kFlatContrast * kFlatContrast * sw;
  const float slope = (total(xy) - sx * sy / sw) / spread;
  return {1 + slope, (sy - slope * sx) / sw - slope * cells.mean, 0};
}

float explained(const Cells& cells, const Exposure& exposure) {
  Lanes within{}, count{};
  for (std::size_t i = 0; i < cells.before.size(); i += kSums)
    for (std::size_t j = 0; j < kSums; ++j) {
      const float weight = usable(cells.before[i + j], cells.now[i + j], cells.watched[i + j]);
      const float off = std::abs(cells.now[i + j] - exposure.apply(cells.before[i + j]));
      within[j] += off <= cells.tolerance[i + j] ? weight : 0.F;
      count[j] += weight;
    }
  const float all = total(count);
  return all > 0 ? total(within) / all : 1;
}

Exposure refine(const Cells& cells, Exposure exposure) {
  for (int round = 0; round < kRounds; ++round) exposure = one_round(cells, exposure);
  exposure.explained = explained(cells, exposure);
  return exposure;
}

/// The luma below which a quarter and three quarters of the usable cells lie.
std::array<float, 2> quartiles(const Cells& cells, std::span<const float> of) {
  std::array<int, 256> histogram{};
  int count = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (usable(cells.before[i], cells.now[i], cells.watched[i]) <= 0) continue;
    ++histogram[static_cast<std::size_t>(std::clamp(of[i], 0.F, 255.F))];
    ++count;
  }
  std::array<float, 2> found{};
  for (std::size_t q = 0; q < found.size(); ++q) {
    int below = 0;
    std::size_t level = 0;
    while (level < 255 && (below += histogram[level]) * 4 < count * (q == 0 ? 1 : 3)) ++level;
    found[q] = static_cast<float>(level) + 0.5F;
  }
  return found;
}

/// A start far from "nothing changed": the two middle quarters laid over each other.
Exposure by_quartiles(const Cells& cells) {
  const auto before = quartiles(cells, cells.before);
  const auto now = quartiles(cells, cells.now);
  const float width = before[1] - before[0];
  const float factor = width > 2 * kFlatContrast ? (now[1] - now[0]) / width : 1;
  const float offset = (now[0] + now[1]) / 2 - factor * (before[0] + before[1]) / 2;
  return {factor, offset, 0};
}

}  // namespace

CellGrid cell_grid(image::Size luma) {
  PERCH_ASSERT(luma.width >= 1 && luma.height >= 1);
  const int wanted = (std::max(luma.width, luma.height) + kCellsAlong / 2) / kCellsAlong;
  const int cell = std::clamp(wanted, 1, std::min(luma.width, luma.height));
  return {cell, luma.width / cell, luma.height / cell};
}

void average_cells(image::PictureView luma, const CellGrid& grid, std::vector<std::uint16_t>& sums,
                   std::span<float> out) {
  PERCH_ASSERT(luma.channels == 1 && luma.width >= grid.cols * grid.cell_px &&
               luma.height >= grid.rows * grid.cell_px && out.size() >= grid.cells());
  const int width = grid.cols * grid.cell_px;
  sums.resize(static_cast<std::size_t>(width));
  const int step = (grid.cell_px + kMostRowsSummed - 1) / kMostRowsSummed;
  const int rows_summed = (grid.cell_px + step - 1) / step;
  const float scale = 1.F / static_cast<float>(rows_summed * grid.cell_px);
  for (int row = 0; row < grid.rows; ++row) {
    std::ranges::fill(sums, std::uint16_t{0});
    for (int y = 0; y < grid.cell_px; y += step) {
      const std::uint8_t* pixels = luma.row(row * grid.cell_px + y);
      std::uint16_t* sum = sums.data();
      for (int x = 0; x < width; ++x) sum[x] = static_cast<std::uint16_t>(sum[x] + pixels[x]);
    }
    const std::uint16_t* sum = sums.data();
    float* cells = out.data() + static_cast<std::ptrdiff_t>(row) * grid.cols;
    for (int col = 0; col < grid.cols; ++col) {
      unsigned cell = 0;
      for (int x = 0; x < grid.cell_px; ++x) cell += *sum++;
      cells[col] = static_cast<float>(cell) * scale;
    }
  }
}

Exposure fit_exposure(std::span<const float> before, std::span<const float> now, std::span<const float> tolerance,
                      std::span<const float> watched) {
  PERCH_ASSERT(before.size() % kSums == 0 && now.size() == before.size() && tolerance.size() == before.size() &&
               watched.size() == before.size());
  Cells cells{before, now, tolerance, watched};
  cells.mean = mean_before(cells);
  const Exposure near = refine(cells, Exposure{});
  if (near.explained >= kWellExplained) return near;
  const Exposure far = refine(cells, by_quartiles(cells));
  return far.explained > near.explained ? far : near;
}

}  // namespace perch::vision
