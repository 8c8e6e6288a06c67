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

  /// A held-out picture as the exported model's input.
  virtual std::vector<float> proof_input(int index) { return held_out_picture(index); }

  /// What else a checkpoint depends on, beside the job and the data set.
  virtual std::string fingerprint() const { return {}; }

  /// Writes metrics, confusion and mistakes of the last `judge`, the chosen metric first, and what was measured on.
  virtual void write(learn::TrainReport& report) const = 0;

  /// Measures the published files by pictures that were kept back from all of training, and writes that.
  /// @returns whether there were enough of them. Errors: those of loading and running the model
  virtual Result<bool> write_test(const Job&, learn::TrainReport&) { return false; }

  double judge(const std::vector<std::vector<float>>& logits) final;
  double metric_error() const final;

  /// Of the last `judge`, a row a held-out picture.
  const std::vector<std::vector<float>>& logits() const { return logits_; }

 protected:
  /// The metric of `answers()`: the share of them that are right.
  virtual double score() const = 0;

  /// A held-out picture's [classes] of what the network said of it.
  virtual std::vector<float> logits_of(int, const std::vector<float>& said) const { return said; }

  /// Probabilities of the last `judge`, a row a held-out picture.
  const std::vector<std::vector<float>>& answers() const { return answers_; }

 private:
  std::vector<std::vector<float>> logits_, answers_;
};

/// Trains, makes the model's certainty fit how often it is right (temperature scaling on the held-out pictures; Source:
/// Guo et al., "On Calibration of Modern Neural Networks", 2017), proves the export, publishes, and measures what was
/// published. @param input_shape  of one picture, without the batch axis
/// Errors: those of `run_loop`, `compare_export`, `publish` and `write_test`. @thread any, blocks
Result<Outcome> train_classifier(const Job& job, ClassifyLearner& learner, ClassifyPictures& pictures,
                                 const model::Card& card, const std::vector<std::int64_t>& input_shape,
                                 const std::string& metric_name);

/// The factor for logits with which the classes are most likely. @thread any
float best_scale(const std::vector<std::vector<float>>& logits, const std::vector<std::size_t>& classes);

/// Probabilities of logits times a factor. @thread any
std::vector<float> softmax(const std::vector<float>& logits, float factor = 1);

}  // namespace perch::trainer
