#pragma once
#include <memory>
#include <string>
#include <vector>

#include "classify/classifier.hpp"
#include "digits/wheels.hpp"
#include "learn/wheel_meter.hpp"
#include "model/preprocess.hpp"

namespace perch::trainer {

/// What a wheel at a position is to be called: most of it the nearest tenth, some of it the neighbours', around the
/// circle. Sums to 1. @thread any
std::vector<float> circular_target(float position);

/// Rendered wheels and the windows of a data set, through the edge's own preprocessing by the card that is published.
class DigitPictures final : public ClassifyPictures {
 public:
  /// Errors: those of the card, canceled. A picture that cannot be read is told and left out. @thread any, blocks
  static Result<std::unique_ptr<DigitPictures>> create(const Job& job, const model::Card& card);

  int batches() const override;
  ClassifyBatch batch(int epoch, int index) override;

  int held_out() const override { return static_cast<int>(held_out_.size()); }

  const std::vector<float>& held_out_picture(int index) override { return inputs_[static_cast<std::size_t>(index)]; }

  std::int64_t train_count() const override;

  const std::vector<std::size_t>& held_out_classes() const override { return classes_; }

  void write(learn::TrainReport& report) const override;

  /// By the labelled windows of the test split, each meter by itself; false when there are too few.
  Result<bool> write_test(const Job& job, learn::TrainReport& report) override;

 protected:
  double score() const override { return meter().within_a_tenth(); }

 private:
  DigitPictures(const Job& job, const model::Card& card);
  Result<void> load(const Job& job);
  void add(const learn::Sample& sample, const image::Picture& picture);
  void hold_out(const WheelCrop& crop, const Quad& window, const std::string& name, const std::string& meter);
  void hold_out_rendered();
  void fill(const WheelCrop& crop, const Quad& window, std::span<float> out);

  learn::WheelMeter meter() const;

  struct HeldOut {
    std::string picture, meter;
    float position = 0;
  };

  learn::DigitsSettings settings_;
  std::int64_t seed_;
  model::InputCard input_;
  image::TensorFormat format_;
  std::unique_ptr<model::Preprocessor> preprocessor_;
  std::vector<WheelCrop> rendered_, labelled_;
  std::vector<HeldOut> held_out_;  ///< windows of the data set first, then rendered ones of other designs
  std::vector<std::vector<float>> inputs_;
  std::vector<std::size_t> classes_;
};

}  // namespace perch::trainer
