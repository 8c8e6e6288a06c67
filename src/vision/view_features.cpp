#include "vision/view_features.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace perch::vision {

namespace {

constexpr float kEdgeHalf = 12;         // levels across two cells that make half an edge
constexpr int kClearEdge = 24;          // levels across four pixels, for sharpness
constexpr double kFewestEdges = 0.004;  // share of the pixels
constexpr float kLeastOverlap = 1.0F / 3;
constexpr float kFlat = 1e-6F;

/// Sums for the correlation of pairs.
struct Pairs {
  float n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;

  void add(const float* left, const float* right, int count) {
    for (int i = 0; i < count; ++i) {
      a += left[i];
      b += right[i];
      aa += left[i] * left[i];
      bb += right[i] * right[i];
      ab += left[i] * right[i];
    }
    n += static_cast<float>(count);
  }

  float correlation() const {
    const float va = aa - a * a / n, vb = bb - b * b / n;
    if (!(va > kFlat * n) || !(vb > kFlat * n)) return 0;
    return std::clamp((ab - a * b / n) / std::sqrt(va * vb), -1.0F, 1.0F);
  }
};

void find_edges(ViewFeatures& out) {
  const int cols = out.grid.cols, rows = out.grid.rows;
  std::ranges::fill(out.edges, 0.0F);
  for (int y = 1; y + 1 < rows; ++y) {
    const float* row = out.cells.data() + static_cast<std::ptrdiff_t>(y) * cols;
    float* edge = out.edges.data() + static_cast<std::ptrdiff_t>(y) * cols;
    for (int x = 1; x + 1 < cols; ++x) {
      const float gx = row[x + 1] - row[x - 1], gy = row[x + cols] - row[x - cols];
      const float g = std::abs(gx) + std::abs(gy);
      edge[x] = g * g / (g * g + kEdgeHalf * kEdgeHalf);
    }
  }
}

/// Takes the mean of the 5 × 5 cells around from each. Those nearer to the picture's edge than 2 cells are 0.
void find_detail(ViewFeatures& out) {
  constexpr float kAround = 5;
  const int cols = out.grid.cols, rows = out.grid.rows;
  std::ranges::fill(out.detail, 0.0F);
  for (int y = 0; y < rows; ++y) {
    const float* from = out.edges.data() + static_cast<std::ptrdiff_t>(y) * cols;
    float* to = out.row_means.data() + static_cast<std::ptrdiff_t>(y) * cols;
    for (int x = 2; x + 2 < cols; ++x)
      to[x] = (from[x - 2] + from[x - 1] + from[x] + from[x + 1] + from[x + 2]) / kAround;
  }
  for (int y = 2; y + 2 < rows; ++y) {
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(y) * cols;
    const float* mean = out.row_means.data() + row;
    for (int x = 2; x + 2 < cols; ++x)
      out.detail[static_cast<std::size_t>(row + x)] =
          out.edges[static_cast<std::size_t>(row + x)] -
          (mean[x - 2 * cols] + mean[x - cols] + mean[x] + mean[x + cols] + mean[x + 2 * cols]) / kAround;
  }
}

void average_blocks(const CellGrid& grid, const std::vector<float>& from, BlockValues& out) {
  BlockValues count{};
  out.fill(0);
  for (int y = 0; y < grid.rows; ++y)
    for (int x = 0; x < grid.cols; ++x) {
      const int down = y * kViewBlocks / grid.rows, across = x * kViewBlocks / grid.cols;
      const auto block = static_cast<std::size_t>(down) * kViewBlocks + static_cast<std::size_t>(across);
      out[block] += from.data()[std::ptrdiff_t{y} * grid.cols + x];
      ++count[block];
    }
  for (std::size_t i = 0; i < out.size(); ++i)
    if (count[i] > 0) out[i] /= count[i];
}

/// How much of an edge's four pixels its steepest one takes, along one direction, in squares.
struct Steepness {
  std::int64_t one = 0, four = 0;
  std::int64_t edges = 0;

  void look(const std::uint8_t* pixel, std::ptrdiff_t step) {
    const int across = pixel[2 * step] - pixel[-2 * step];
    if (std::abs(across) < kClearEdge) return;
    const int a = std::abs(pixel[step] - pixel[0]), b = std::abs(pixel[0] - pixel[-step]);
    const int steepest = std::max(a, b);
    one += std::int64_t{steepest} * steepest;
    four += std::int64_t{across} * across;
    ++edges;
  }
};

std::optional<float> sharpness_of(image::PictureView luma) {
  Steepness seen;
  for (int y = 2; y + 2 < luma.height; ++y) {
    const std::uint8_t* row = luma.row(y);
    for (int x = 2; x + 2 < luma.width; ++x) {
      seen.look(row + x, 1);
      seen.look(row + x, luma.stride);
    }
  }
  if (static_cast<double>(seen.edges) < kFewestEdges * luma.width * luma.height) return std::nullopt;
  return static_cast<float>(std::min(1.0, static_cast<double>(seen.one) / static_cast<double>(seen.four)));
}

/// The map at half the size.
std::vector<float> halved(const CellGrid& grid, const std::vector<float>& from, CellGrid& half) {
  half = {grid.cell_px * 2, grid.cols / 2, grid.rows / 2};
  std::vector<float> out(half.cells());
  for (int y = 0; y < half.rows; ++y)
    for (int x = 0; x < half.cols; ++x) {
      const float* p = from.data() + static_cast<std::ptrdiff_t>(2 * y) * grid.cols + std::ptrdiff_t{2} * x;
      out.data()[std::ptrdiff_t{y} * half.cols + x] = p[0] + p[1] + p[grid.cols] + p[grid.cols + 1];
    }
  return out;
}

Shift search(const CellGrid& grid, const std::vector<float>& now, const std::vector<float>& before, const Shift& around,
             int reach_x, int reach_y) {
  Shift best{around.dx, around.dy, match_at(grid, now, before, around.dx, around.dy)};
  for (int dy = around.dy - reach_y; dy <= around.dy + reach_y; ++dy)
    for (int dx = around.dx - reach_x; dx <= around.dx + reach_x; ++dx)
      if (const float match = match_at(grid, now, before, dx, dy); match > best.match) best = {dx, dy, match};
  return best;
}

}  // namespace

void measure_view(image::PictureView luma, const LumaStats& stats, ViewFeatures& out) {
  out.grid = cell_grid(luma.size());
  out.cells.resize(out.grid.padded());
  out.edges.resize(out.grid.padded());
  out.detail.resize(out.grid.padded());
  out.row_means.resize(out.grid.padded());
  average_cells(luma, out.grid, out.sums, out.cells);
  find_edges(out);
  find_detail(out);
  average_blocks(out.grid, out.cells, out.light);
  average_blocks(out.grid, out.edges, out.structure);
  out.sharpness = sharpness_of(luma);
  out.luma = stats;
}

float match_at(const CellGrid& grid, const std::vector<float>& now, const std::vector<float>& before, int dx, int dy) {
  const int left = std::max(dx, 0), width = grid.cols - std::abs(dx);
  const int top = std::max(dy, 0), height = grid.rows - std::abs(dy);
  if (width <= 0 || height <= 0) return 0;
  Pairs pairs;
  for (int y = top; y < top + height; ++y)
    pairs.add(now.data() + static_cast<std::ptrdiff_t>(y) * grid.cols + left,
              before.data() + static_cast<std::ptrdiff_t>(y - dy) * grid.cols + (left - dx), width);
  if (pairs.n < kLeastOverlap * static_cast<float>(grid.cells())) return 0;
  return pairs.correlation();
}

Shift best_shift(const CellGrid& grid, const std::vector<float>& now, const std::vector<float>& before) {
  CellGrid half;
  const std::vector<float> small_now = halved(grid, now, half), small_before = halved(grid, before, half);
  const Shift coarse = search(half, small_now, small_before, {}, half.cols / 3, half.rows / 3);
  return search(grid, now, before, {2 * coarse.dx, 2 * coarse.dy, 0}, 2, 2);
}

float match_blocks(const BlockValues& now, const BlockValues& before) {
  Pairs pairs;
  pairs.add(now.data(), before.data(), static_cast<int>(now.size()));
  return pairs.correlation();
}

}  // namespace perch::vision
