#pragma once
#include <memory>
#include <span>

#include "base/result.hpp"
#include "seam/frame.hpp"
#include "seam/observation.hpp"

namespace perch {

/// What an analysis may know of the task it serves.
struct AnalysisContext {
  std::vector<std::string> labels;  ///< of the task's model; empty without one
  std::vector<Region> regions;      ///< the task's fixed regions; empty when it looks at the whole frame
};

/// Findings over time → observations. One a task; stateful. Never called twice at once; called in frame order.
/// @thread worker
class Analysis {
 public:
  virtual ~Analysis() = default;

  /// What its observations carry. Does not change during its life.
  virtual std::span<const Output> outputs() const = 0;

  /// Takes one frame's findings. A frame that shows nothing usable gives an observation with status `unknown`, not an
  /// error; an error means that the analysis itself failed.
  virtual Result<Observation> update(const Frame& frame, const Findings& findings) = 0;
};

}  // namespace perch
