#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/learner.hpp"
#include "onnx/graph.hpp"

/// The network that finds what is unusual, as both sides see it: plain C++17, without libtorch.
namespace perch::trainer {

/// Inputs of the network, one after the other: `count` × channels × height × width.
struct AnomalyFrames {
  std::vector<float> values;
  std::size_t count = 0;
};

/// What a training has. All are the network's inputs as the edge's own preprocessing makes them.
struct AnomalyData {
  AnomalyFrames normal;            ///< to learn from
  AnomalyFrames held_out_normal;   ///< to measure with
  AnomalyFrames held_out_unusual;  ///< likewise; without any, some of the normal ones are changed as in training
};

struct AnomalyNetConfig {
  bool thermal = false;  ///< one channel of °C; else three of colours, 0..1
  int height = 24;
  int width = 32;
  int features = 16;  ///< channels of each layer
  int batch = 32;
  double learning_rate = 0.003;
  std::int64_t seed = 1;
  int threads = 0;

  int channels() const { return thermal ? 1 : 3; }

  std::size_t cells() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width); }

  std::size_t frame_size() const { return cells() * static_cast<std::size_t>(channels()); }
};

/// What the network makes of one frame.
struct AnomalyLook {
  std::vector<float> features;  ///< [features][height · width]: what it sees around each cell
  std::vector<float> logits;    ///< [height · width]: how sure it is that something was put there
};

/// A small convolutional network that teaches itself: it learns to tell normal frames from normal frames to which
/// something small was added (warmer or colder; another colour, or a piece of another picture), and where. It sees each
/// frame relative to its own surroundings: temperatures to the coldest place, squeezed by asinh so that a warm plant
/// and a cold one look alike. Source of the idea: Li et al., "CutPaste: Self-Supervised Learning for Anomaly Detection
/// and Localization" (2021).
class AnomalyLearner : public Learner {
 public:
  /// @param frame  `frame_size()` values
  virtual AnomalyLook look(const float* frame) = 0;

  /// The held-out unusual frames, also when they had to be made.
  virtual const AnomalyFrames& unusual() const = 0;

  /// Whether they had to be made.
  virtual bool made_unusual() const = 0;

  /// Adds the network to a graph. @param x  the input [N, channels, height, width]
  /// @returns the name of the features [N, features, height, width]
  virtual std::string add_features(OnnxGraph& graph, const std::string& x) const = 0;

  /// @param features  as above. @returns the name of the logits [N, 1, height, width]
  virtual std::string add_logits(OnnxGraph& graph, const std::string& features) const = 0;
};

std::unique_ptr<AnomalyLearner> make_anomaly_learner(const AnomalyNetConfig& config, AnomalyData data);

}  // namespace perch::trainer
