#pragma once
#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "seam/analysis.hpp"

namespace perch {
class Registry;
}

/// Which of several states a classifier sees, with hysteresis: a state is entered at a score of `enter`, and left only
/// when its score falls below `leave`; neither counts before it has lasted `hold`.
///
/// Outputs: `state`, a label of the model; with `scores` a gauge a label too. Of several regions each output ends in
/// the region's name, or its place in the list from 1: `state_1`. The confidence is the score of the state that is
/// given, the least of several. When no state is sure enough the observation is unknown and says what it sees.
namespace perch::analysis::state {

struct Config {
  float enter = 0.6F;
  float leave = 0.4F;
  Milliseconds hold{0};
  bool scores = false;
};

/// Errors: mismatch (a model without labels), invalid (`leave` above `enter`).
Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context);

void describe(Registry& registry);

}  // namespace perch::analysis::state
