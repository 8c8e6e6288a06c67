#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "core/learner.hpp"
#include "learn/train_message.hpp"

namespace perch::trainer {

/// Takes what a training has to say. @thread the training's
using Say = std::function<void(const learn::TrainMessage&)>;

struct LoopConfig {
  int epochs = 1;
  Nanoseconds time{0};  ///< budget, what an interrupted training used included; 0: none
  int patience = 0;     ///< epochs without a better model after which it ends; 0: never
  std::string metric_name;
  std::filesystem::path checkpoint;  ///< its file; its folder is there
  std::string fingerprint;           ///< of job and data
  bool resume = false;
};

struct LoopResult {
  int epochs = 0;      ///< done
  int kept_epoch = 0;  ///< whose model the learner has
  double seconds = 0;
  bool stopped = false;
  std::string why;  ///< it ended, as `TrainDone` has it
  std::vector<std::pair<double, double>> history;
};

/// How many epochs a training that is resumed has behind it; 0 when it begins anew. @thread any, blocks
int epochs_done(const LoopConfig& config);

/// Trains until the epochs, the time or the patience are used up, or `stop` is set. After every epoch the model is
/// measured, what it is worth is said, and a checkpoint is written; when that fails (a full disk), that is said too and
/// training goes on with the checkpoint before left as it was. In the end the learner has its best weights: those of
/// the highest metric or, of those that are lower by no more than chance may make them (`Learner::metric_error`), the
/// last, which learned longest and took the smallest steps. Source: the one-standard-error rule of Breiman et al.,
/// "Classification and Regression Trees", 1984.
///
/// With `resume` it goes on after the checkpoint's epoch, or says that there is none, and starts anew.
/// Errors: mismatch (a checkpoint of another job or other data), invalid (a damaged one), canceled (stopped before
/// there
///         was any model), internal (the learner threw, with its reason). @thread any, blocks
Result<LoopResult> run_loop(Learner& learner, const LoopConfig& config, const Say& say, const Clock& clock,
                            const std::atomic<bool>& stop);

}  // namespace perch::trainer
