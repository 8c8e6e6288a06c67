#pragma once
#include <memory>

#include "base/result.hpp"
#include "seam/analysis.hpp"

namespace perch {
class Registry;
}

/// The warmest and coldest place of each region of a thermal grid, and its mean. Needs no model.
///
/// Outputs of a region: `max`, `min`, `mean` in °C, and where the extremes lie (`max_x`, `max_y`, `min_x`, `min_y`: the
/// cell's column and row from 0, at its top left corner in pixels of the frame). Of several regions each output ends in
/// the region's name, or its place in the list from 1: `max_1`, `max_2`. `repaired` counts the values of the frame that
/// the source filled in.
///
/// A region that holds no cell's centre, and a frame without temperatures, are unknown. The confidence is the share of
/// the grid that the sensor itself gave.
namespace perch::analysis::hottest {

struct Config {
  bool places = true;
};

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context);

void describe(Registry& registry);

}  // namespace perch::analysis::hottest
