#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "classify/network.hpp"
#include "core/trainer.hpp"
#include "model/card.hpp"

namespace perch::trainer {

/// Pictures of classes, and what a report says of the answers to them.
class ClassifyPictures : public ClassifyFeed {
 public:
  /// Pictures to learn from; for the reader.
  virtual std::int64_t train_count() const = 0;
  /// Which class each held-out picture shows.
  virtual const std::vector<std::size_t>& held_out_classes() const = 0;
  /// Writes metrics, confusion and mistakes of the last `judge`, the chosen metric first.
  virtual void write(learn::TrainReport& report) const = 0;
};

/// Trains, makes the model's certainty fit how often it is right (temperature scaling on the held-out pictures; Source:
/// Guo et al., "On Calibration of Modern Neural Networks", 2017), proves the export, and publishes.
/// Errors: those of `run_loop`, `compare_export` and `publish`. @thread any, blocks
Result<Outcome> train_classifier(const Job& job, const ClassifyNetConfig& network, ClassifyPictures& pictures,
                                 const model::Card& card, const std::string& metric_name);

/// The factor for logits with which the classes are most likely. @thread any
float best_scale(const std::vector<std::vector<float>>& logits, const std::vector<std::size_t>& classes);

/// Probabilities of logits times a factor. @thread any
std::vector<float> softmax(const std::vector<float>& logits, float factor = 1);

}  // namespace perch::trainer
