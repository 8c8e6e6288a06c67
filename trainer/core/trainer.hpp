#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "core/loop.hpp"
#include "learn/dataset.hpp"
#include "learn/report.hpp"
#include "learn/train_message.hpp"
#include "learn/train_settings.hpp"

namespace perch::trainer {

/// A training at work: what it was told, and whom it tells.
struct Job {
  const learn::TrainSettings& settings;
  const learn::Dataset& data;
  const Say& say;
  const Clock& clock;
  const std::atomic<bool>& stop;  ///< set: keep the best so far
  bool resume = false;
};

/// What a training left.
struct Outcome {
  bool stopped = false;
};

/// How a kind of model is trained: one line of the table in kinds.cpp.
struct Kind {
  std::string_view name;  ///< as in `learn::kTrainKinds`
  /// Trains, publishes and says so (`TrainDone`). Errors: invalid (too little to learn from, saying what is missing),
  /// canceled (stopped before there was a model), and those of `run_loop` and `publish`. @thread any, blocks
  Result<Outcome> (*train)(const Job& job);
};

/// The kind of that name. @pre it is one of `learn::kTrainKinds`
const Kind& find_kind(std::string_view name);

/// The loop's settings for a job; `metric_name` is of what the best model is chosen by.
LoopConfig loop_config(const Job& job, std::string metric_name);

/// A report with everything that the loop and the data set know of themselves.
learn::TrainReport report_of(const Job& job, const LoopResult& result);

/// Reads the data set, prepares the folders, says what is left out of the data, and runs the job's kind.
/// @pre `settings.kind` is one of `learn::kTrainKinds`, as `parse_train_settings` sees to
/// Errors: those of the data set and of the kind. @thread any, blocks
Result<Outcome> train(const learn::TrainSettings& settings, bool resume, const Say& say, const Clock& clock,
                      const std::atomic<bool>& stop);

}  // namespace perch::trainer
