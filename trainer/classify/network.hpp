#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/learner.hpp"

/// The line between pictures of classes (C++20, no libtorch) and the network that tells them apart (libtorch): plain
/// C++17. Digits are read with it too: their classes are the positions of a wheel.
namespace perch::trainer {

/// A batch to learn from.
struct ClassifyBatch {
  int size = 0;
  std::vector<float> pictures;  ///< [size,channels,height,width] as the card's preprocessing makes them
  std::vector<float> targets;   ///< [size,classes], each row sums to 1
  std::vector<float> heads;     ///< [size,heads] of a head learner: 0 where a head must not see the picture
};

/// Where the network's pictures come from, and who judges what it says. Called from the training's thread.
class ClassifyFeed {
 public:
  virtual ~ClassifyFeed() = default;
  /// Batches of an epoch.
  virtual int batches() const = 0;
  /// A batch of an epoch (from 1), the same for the same numbers and seed. What goes wrong is thrown. Called from a
  /// thread of its own while the network learns from the batch before; nothing else of the feed is called meanwhile.
  virtual ClassifyBatch batch(int epoch, int index) = 0;
  /// Held-out pictures.
  virtual int held_out() const = 0;
  /// [channels,height,width]; valid until the next call.
  virtual const std::vector<float>& held_out_picture(int index) = 0;
  /// The metric of the network's answers [classes] (logits) for all held-out pictures, in order; higher is better.
  virtual double judge(const std::vector<std::vector<float>>& logits) = 0;

  /// Its standard error, as `Learner::metric_error`.
  virtual double metric_error() const { return 0; }
};

struct ClassifyNetConfig {
  int channels_in = 3;  ///< of the picture
  int width = 0;        ///< px
  int height = 0;       ///< px
  int classes = 2;
  int channels = 16;           ///< of the first layer; the others follow
  int towers = 1;              ///< networks that learn side by side; the model says what they say on average
  int halvings = 2;            ///< how often the picture is made half as large
  bool keep_place = true;      ///< whether the last layer sees where something is, or only that it is there
  bool take_off_light = true;  ///< whether a picture's mean and contrast are taken off before it is looked at
  double learning_rate = 0.004;
  std::int64_t seed = 1;
  int threads = 0;
};

/// The classifier as it learns.
class ClassifyLearner : public Learner {
 public:
  /// The model: input `image` [batch,channels,height,width], output `logits` [batch,classes].
  virtual std::string to_onnx() = 0;
  /// What the published weights say of a picture: [classes] logits.
  virtual std::vector<float> predict(const std::vector<float>& picture) = 0;
  /// Multiplies the logits of the published weights: below 1 the model is less sure of itself.
  virtual void scale_logits(float factor) = 0;
};

/// @param feed  must outlive the learner
std::unique_ptr<ClassifyLearner> make_classify_learner(const ClassifyNetConfig& config, ClassifyFeed& feed);

/// Makes the whole model of a linear layer on the features as they are fed.
/// @param weights  [classes,features], row by row; @param bias  [classes]
using WithHead = std::function<std::string(const std::vector<float>& weights, const std::vector<float>& bias)>;

struct HeadConfig {
  int features = 0;
  int heads = 1;  ///< the first is published, the others measure: each misses the pictures that it is measured by
  int classes = 2;
  double learning_rate = 0.01;
  std::int64_t seed = 1;
  int threads = 0;
};

/// Linear heads on fixed features, which learn side by side and know nothing of each other. A picture is here its
/// features [features]. What the feed judges is [heads·classes] a picture; `predict` gives the published head's.
/// @param feed  must outlive the learner; fills in `ClassifyBatch::heads`
std::unique_ptr<ClassifyLearner> make_head_learner(const HeadConfig& config, ClassifyFeed& feed, WithHead with_head);

}  // namespace perch::trainer
