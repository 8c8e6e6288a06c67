#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace perch::trainer {

/// What a training that was interrupted needs to go on. A file of its own format: docs/formats/checkpoint.md.
struct Checkpoint {
  std::string fingerprint;  ///< of the job and the data: another one's checkpoint cannot be resumed
  int epoch = 0;            ///< the last that is done
  int best_epoch = 0;       ///< with the highest metric
  double best = 0;          ///< its metric
  int kept_epoch = 0;       ///< whose weights are kept
  double seconds = 0;       ///< of training so far
  std::vector<std::pair<double, double>> history;  ///< loss and metric of each epoch
  std::string state;                               ///< of the learner
  std::string weights;                             ///< that would be published
};

/// Replaces the file so that always a whole checkpoint is there: the new one, or the one before.
/// Errors: full, denied, io. @thread any, blocks
Result<void> save(const Checkpoint& checkpoint, const std::filesystem::path& path);

/// Errors: not_found, invalid (not a checkpoint, or damaged), io. @thread any, blocks
Result<Checkpoint> load_checkpoint(const std::filesystem::path& path);

}  // namespace perch::trainer
