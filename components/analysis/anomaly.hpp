#pragma once
#include <memory>

#include "base/result.hpp"
#include "seam/analysis.hpp"

namespace perch {
class Registry;
}

/// Whether something is unusual, from an anomaly model's score and heat map.
///
/// Outputs: `score`, in units of the threshold in the model's card (1 is where the unusual begins); `anomaly`, a flag
/// that rises after `frames` scores in a row of at least `threshold` and falls after as many below `clear` of it; `x`
/// and `y`, the middle of the heat map's highest cell in pixels of the frame. With several regions they are those of
/// the region with the highest score. The findings carry the heat maps.
///
/// Unknown, without values, when the model gave no score. Uncertain when more than `max_repaired` of a thermal grid had
/// to be filled in: such a frame shows its score, but does not count for the flag. The confidence is how far the score
/// lies from the threshold: 0 at it, 1 from half of it below or above.
namespace perch::analysis::anomaly {

struct Config {
  double threshold = 1;
  double clear = 0.8;
  int frames = 3;
  double max_repaired = 0.05;
};

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context);

void describe(Registry& registry);

}  // namespace perch::analysis::anomaly
