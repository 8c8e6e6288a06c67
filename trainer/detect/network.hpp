#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/learner.hpp"
#include "detect/assign.hpp"

/// The line between the detector's pictures (C++20, no libtorch) and its network (libtorch): plain C++17.
namespace perch::trainer {

/// Sizes of the grid cells that the network's outputs are laid over, px.
inline constexpr std::array<int, 3> kDetectStrides{8, 16, 32};

/// A batch to learn from.
struct DetectBatch {
  int size = 0;
  std::vector<float> pictures;               ///< [size,3,height,width] as the card's preprocessing makes them
  std::vector<std::vector<Target>> targets;  ///< one list a picture
};

/// Where the network's pictures come from, and who judges what it finds. Called from the training's thread.
class DetectFeed {
 public:
  virtual ~DetectFeed() = default;
  /// Batches of an epoch.
  virtual int batches() const = 0;
  /// A batch of an epoch (from 1), the same for the same numbers and seed. What goes wrong is thrown. Called from a
  /// thread of its own while the network learns from the batch before; nothing else of the feed is called meanwhile.
  virtual DetectBatch batch(int epoch, int index) = 0;
  /// Held-out pictures.
  virtual int held_out() const = 0;
  /// [3,height,width]; valid until the next call.
  virtual const std::vector<float>& held_out_picture(int index) = 0;
  /// The metric of the network's output for a held-out picture each, in order. @param outputs  [cells,5 + classes] each
  virtual double judge(const std::vector<std::vector<float>>& outputs) = 0;

  /// Its standard error, as `Learner::metric_error`: not known.
  static double metric_error() { return 0; }
};

struct DetectNetConfig {
  int width = 0;   ///< px, whole 32s
  int height = 0;  ///< px, whole 32s
  int channels = 16;
  int classes = 1;
  double learning_rate = 0.004;
  std::int64_t seed = 1;
  int threads = 0;
};

/// The detector as it learns.
class DetectLearner : public Learner {
 public:
  /// The model: input `images` [batch,3,height,width], output `output` [batch,cells,5 + classes].
  virtual std::string to_onnx() = 0;
  /// What the published weights say of a picture. @param picture  [3,height,width] @returns [cells,5 + classes]
  virtual std::vector<float> predict(const std::vector<float>& picture) = 0;
};

/// @param feed  must outlive the learner
std::unique_ptr<DetectLearner> make_detect_learner(const DetectNetConfig& config, DetectFeed& feed);

}  // namespace perch::trainer
