#include "vision/grid.hpp"

#include <fmt/format.h>

namespace perch::vision {

Result<std::vector<GridLevel>> grid_levels(image::Size input, std::span<const int> strides) {
  std::vector<GridLevel> levels;
  for (const int stride : strides) {
    if (stride < 1)
      return fail(Errc::invalid, fmt::format("a stride of {} px", stride), "strides", "strides are 1 px or more");
    levels.push_back({stride, (input.width + stride - 1) / stride, (input.height + stride - 1) / stride});
  }
  return levels;
}

std::int64_t cell_count(std::span<const GridLevel> levels) {
  std::int64_t count = 0;
  for (const GridLevel& level : levels) count += level.cells();
  return count;
}

}  // namespace perch::vision
