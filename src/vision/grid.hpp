#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "image/picture.hpp"

namespace perch::vision {

/// The cells that a detector lays over its input at one stride. A cell at the right or bottom edge may reach beyond it.
struct GridLevel {
  int stride = 0;  ///< px
  int cols = 0;
  int rows = 0;

  std::int64_t cells() const { return static_cast<std::int64_t>(cols) * rows; }
};

/// One level a stride, in their order. Errors: invalid (a stride under 1 px).
Result<std::vector<GridLevel>> grid_levels(image::Size input, std::span<const int> strides);

/// Cells of all levels.
std::int64_t cell_count(std::span<const GridLevel> levels);

}  // namespace perch::vision
