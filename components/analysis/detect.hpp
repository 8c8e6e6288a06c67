#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "seam/analysis.hpp"

namespace perch {
class Registry;
}

/// Counts what a detector finds: one gauge a label, zero included.
///
/// The observation's findings are the detections that were counted. Its confidence is the lowest of their scores (the
/// count is as good as its weakest finding), and 1 when nothing was counted.
namespace perch::analysis::detect {

struct Config {
  std::vector<std::string> labels{};  ///< empty: all of the model's
  float min_score = 0;
  float min_side = 0;               ///< px
  float min_area = 0;               ///< px²
  std::optional<float> max_area{};  ///< px²
  /// Masks in pixels of the frame, as regions are listed: 4 numbers are x, y, width, height, 6 or more are corners.
  std::vector<std::vector<float>> include{}, exclude{};
  std::optional<float> merge{};  ///< share of the smaller box
};

/// A model without labels has one output, "objects".
/// Errors: not_found (a label that the model does not have, with the nearest), invalid (a label listed twice, a mask
///         that is no polygon), mismatch (labels wanted of a model that has none)
Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context);

void describe(Registry& registry);

}  // namespace perch::analysis::detect
