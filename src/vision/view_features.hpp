#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "image/picture.hpp"
#include "vision/motion_cells.hpp"
#include "vision/motion_luma.hpp"

/// What a look at the view of a fixed camera measures: where its edges are, how sharp they are, how light lies on it.
namespace perch::vision {

/// Blocks that the picture is divided in, across and down.
inline constexpr int kViewBlocks = 12;
using BlockValues = std::array<float, static_cast<std::size_t>(kViewBlocks) * kViewBlocks>;

/// The measures of one picture. Reused between looks: keeps its memory.
struct ViewFeatures {
  CellGrid grid;
  std::vector<float> cells;        ///< mean luma, row-major, padded
  std::vector<float> detail;       ///< `edges` less their mean around each cell: where exactly the edges lie
  std::vector<float> edges;        ///< of each cell, 0..1: how strong an edge it lies on, whatever the light
  BlockValues light{};             ///< mean luma of each block
  BlockValues structure{};         ///< mean of `edges` of each block
  std::optional<float> sharpness;  ///< 0..1, of the picture's clear edges; nothing when it has hardly any
  LumaStats luma;

  std::vector<std::uint16_t> sums;  ///< working memory, as the next
  std::vector<float> row_means;
};

/// Measures a picture of 1 channel; 160 px wide is right. @pre at least 8 × 8 px @thread any
void measure_view(image::PictureView luma, const LumaStats& stats, ViewFeatures& out);

/// A displacement in cells: how far what stood in the reference lies to the right and below now.
struct Shift {
  int dx = 0;
  int dy = 0;
  float match = 0;  ///< correlation, −1..1, of the parts that overlap
};

/// How well two maps of `grid` agree when the second is displaced by (dx, dy) cells: their correlation. 0 for maps
/// without contrast, or when less than a third overlaps. @thread any
float match_at(const CellGrid& grid, const std::vector<float>& now, const std::vector<float>& before, int dx, int dy);

/// The displacement up to about a third of the picture at which `now` agrees best with `before`: by maps of half the
/// size first, then exactly. @thread any
Shift best_shift(const CellGrid& grid, const std::vector<float>& now, const std::vector<float>& before);

/// The correlation of two sets of block values, −1..1; 0 without contrast. @thread any
float match_blocks(const BlockValues& now, const BlockValues& before);

}  // namespace perch::vision
