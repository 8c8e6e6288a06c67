#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "image/picture.hpp"

/// What motion is looked for in: the mean luma of square cells, about 80 along the longer side. Averaging takes the
/// noise out; 3,600 cells cost little enough for every frame of every camera.
namespace perch::vision {

/// Cells are kept in rows of `cols`, and arrays of them have `padded()` elements so that loops need no remainder.
struct CellGrid {
  int cell_px = 1;
  int cols = 0;
  int rows = 0;

  std::size_t cells() const { return static_cast<std::size_t>(cols) * static_cast<std::size_t>(rows); }

  std::size_t padded() const { return (cells() + 7) / 8 * 8; }

  bool operator==(const CellGrid&) const = default;
};

/// The grid for a luma picture; what is left of a cell at the right and bottom edge is not looked at.
/// @pre both sides at least 1 px
CellGrid cell_grid(image::Size luma);

/// Mean luma of each cell, 0..255. `sums` is working memory, which is grown once.
/// @param luma   1 channel, of the size that the grid was made for
/// @param out    `padded()` elements; those beyond `cells()` are left alone
void average_cells(image::PictureView luma, const CellGrid& grid, std::vector<std::uint16_t>& sums,
                   std::span<float> out);

/// How the brightness of the whole picture changed: now = factor · before + offset.
struct Exposure {
  float factor = 1;
  float offset = 0;
  float explained = 1;  ///< share of the usable cells that this explains within their tolerance

  float apply(float before) const { return factor * before + offset; }
};

/// Fits the change of exposure between two sets of cells, whatever moved in less than about half of them: least squares
/// with weights that fade beyond a cell's tolerance (Holland and Welsch, "Robust regression using iteratively
/// reweighted least-squares", 1977). Cells that are clipped to black or white in either set do not count. A picture
/// with hardly any contrast gives an offset alone.
/// @param watched  1 for cells that count, 0 for others. All spans have the same length, a multiple of 8.
Exposure fit_exposure(std::span<const float> before, std::span<const float> now, std::span<const float> tolerance,
                      std::span<const float> watched);

}  // namespace perch::vision
