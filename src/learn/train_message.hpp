#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"

/// What `perch-train` says on standard output, one JSON object a line: docs/formats/train-messages.md.
namespace perch::learn {

/// Training begins.
struct TrainStart {
  std::string kind, name;
  std::int64_t train = 0;     ///< pictures to learn from
  std::int64_t held_out = 0;  ///< pictures to measure with while learning
  int epochs = 0;
  int first_epoch = 0;  ///< above 0: training goes on after this epoch
};

/// Something that the reader should know, and that does not stop the training.
struct TrainNote {
  std::string text;
  bool problem = false;  ///< a picture or label could not be used, a checkpoint not be written
};

/// Within an epoch.
struct TrainStep {
  int epoch = 0;      ///< from 1
  double done = 0;    ///< 0..1, of the whole training
  double loss = 0;    ///< running mean
  double left_s = 0;  ///< until the training ends, unless it ends early
};

/// An epoch is over, its model measured on the held-out pictures.
struct TrainEpoch {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  double loss = 0;
  std::string metric_name;  ///< "F1"
  double metric = 0;        ///< higher is better
  double best = 0;
  int best_epoch = 0;
  double done = 0;
  double left_s = 0;
};

/// The model is on the disk.
struct TrainDone {
  bool stopped = false;  ///< by request; the model is the best until then
  std::string why;       ///< "all epochs done", "no better for 20 epochs", "the time is over", "stopped"
  std::string model, report;
  std::string metric_name;
  double metric = 0;  ///< of the published model
  double seconds = 0;
};

/// Nothing was published.
struct TrainFailed {
  std::string text;
};

using TrainMessage = std::variant<TrainStart, TrainNote, TrainStep, TrainEpoch, TrainDone, TrainFailed>;

/// One line of JSON without the line's end. @thread any
std::string to_json(const TrainMessage& message);

/// Errors: invalid (no such message). @thread any
Result<TrainMessage> parse_train_message(std::string_view line);

}  // namespace perch::learn
