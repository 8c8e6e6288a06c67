#pragma once
#include <memory>
#include <string>
#include <vector>

#include "classify/classifier.hpp"
#include "classify/examples.hpp"
#include "learn/class_meter.hpp"

namespace perch::trainer {

/// Measures the published files themselves by pictures that nothing was learned or chosen from, through the edge's own
/// way from their bytes, or their temperatures, to findings, and writes that into the report.
/// @returns false when there are too few to say anything; then nothing is written.
/// Errors: those of loading and running the model. @thread any, blocks
Result<bool> measure_classifier(const Job& job, const std::vector<Example>& test, learn::TrainReport& report);

/// Pictures or grids of classes, to learn all of a network from.
class ClassPictures final : public ClassifyPictures {
 public:
  /// Errors: those of `read_examples`, invalid (nothing to measure with). @thread any, blocks
  static Result<std::unique_ptr<ClassPictures>> create(const Job& job, const model::Card& card);

  int batches() const override;
  ClassifyBatch batch(int epoch, int index) override;

  int held_out() const override { return static_cast<int>(inputs_.size()); }

  const std::vector<float>& held_out_picture(int index) override { return inputs_[static_cast<std::size_t>(index)]; }

  std::int64_t train_count() const override { return static_cast<std::int64_t>(examples_.train.size()); }

  const std::vector<std::size_t>& held_out_classes() const override { return classes_; }

  void write(learn::TrainReport& report) const override;

  Result<bool> write_test(const Job& job, learn::TrainReport& report) override {
    return measure_classifier(job, examples_.test, report);
  }

  /// Of one input, without the batch axis.
  std::vector<std::int64_t> shape() const { return input_.shape(); }

 protected:
  double score() const override { return meter().accuracy(); }

 private:
  ClassPictures(const Job& job, const model::Card& card, Examples examples, ModelInput input);
  learn::ClassMeter meter() const;

  learn::ClassifySettings settings_;
  std::int64_t seed_;
  model::Card card_;
  Examples examples_;
  ModelInput input_;
  std::vector<std::vector<float>> inputs_;
  std::vector<std::size_t> classes_;
};

}  // namespace perch::trainer
