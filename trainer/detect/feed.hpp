#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/loop.hpp"
#include "detect/network.hpp"
#include "learn/dataset.hpp"
#include "learn/detection_meter.hpp"
#include "learn/train_settings.hpp"
#include "model/card.hpp"
#include "model/preprocess.hpp"
#include "seam/decoder.hpp"

namespace perch::trainer {

/// Overlap above which two boxes are one thing, until a training knows better.
inline constexpr double kUsualNmsIou = 0.45;

/// A picture with what is in it, as it comes off the disk.
struct DetectExample {
  std::string name;
  Bytes bytes;  ///< JPEG or PNG
  image::Size size;
  std::vector<learn::TrueThing> things;  ///< px of the picture
  std::vector<std::string> conditions;
};

/// Pictures and labels of a data set as the detector's training wants them. Pictures go through the edge's own decoding
/// (reduced where the model needs no more) and preprocessing, by the very card that is published.
class DetectPictures final : public DetectFeed {
 public:
  /// Reads the pictures. A file that cannot be read is told to `say` and left out.
  /// Errors: invalid (nothing to learn from or to measure with, with what is missing), and those of the decoder
  static Result<std::unique_ptr<DetectPictures>> create(const learn::Dataset& data,
                                                        const learn::TrainSettings& settings, const model::Card& card,
                                                        const Say& say);

  int batches() const override;
  DetectBatch batch(int epoch, int index) override;

  int held_out() const override { return static_cast<int>(held_out_.size()); }

  const std::vector<float>& held_out_picture(int index) override;
  double judge(const std::vector<std::vector<float>>& outputs) override;

  std::size_t train_count() const { return train_.size(); }

  /// From now on boxes that overlap by more than `iou` are judged to be one thing. Errors: those of the decoder
  Result<void> merge_above(double iou);

  /// Pictures that were kept back from learning and from choosing thresholds; may be none.
  std::vector<DetectExample> take_test() { return std::move(test_); }

  /// What the last `judge` saw, from a low threshold up.
  const learn::DetectionMeter& meter() const { return meter_; }

  const learn::CountingRule& rule() const { return rule_; }

 private:
  DetectPictures(const learn::TrainSettings& settings, const model::Card& card);
  Result<void> load(const learn::Dataset& data, const Say& say);
  Error too_few(const std::string& label, std::size_t counted, std::size_t not_counted,
                const learn::Dataset& data) const;
  Result<DetectExample> example(const learn::Sample& sample) const;
  void add(const DetectExample& example, std::uint64_t key, DetectBatch& batch, std::size_t place) const;

  learn::DetectSettings settings_;
  std::int64_t seed_;
  model::InputCard input_;
  config::Component decoder_card_;
  image::TensorFormat format_;
  learn::CountingRule rule_;
  std::vector<std::string> labels_;
  std::unique_ptr<Decoder> decoder_;
  std::vector<DetectExample> train_, held_out_, test_;
  std::vector<Placement> placements_;       ///< of held-out pictures
  std::vector<std::vector<float>> inputs_;  ///< likewise
  learn::DetectionMeter meter_;
};

}  // namespace perch::trainer
