#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "anomaly/network.hpp"
#include "anomaly/scoring.hpp"

namespace perch::trainer {

/// How the features of a cell become the number that says how unusual it is.
enum class ScoredBy : std::uint8_t {
  memory,       ///< distance to the nearest normal feature that is remembered
  mahalanobis,  ///< distance to the normal features' mean, in their spreads
  network       ///< the network's own answer, log(1 + e^logit)
};
std::string_view name(ScoredBy how);

/// The three ways, made from normal frames, and what they say of a frame.
class Candidates {
 public:
  /// @param normal  of `config.frame_size()` values each; a share of their cells is remembered
  Candidates(AnomalyLearner& learner, const AnomalyNetConfig& config, const AnomalyFrames& normal, std::size_t most);

  /// A number a cell of one frame: what the model's map is before it is thinned.
  std::vector<float> map(ScoredBy how, const AnomalyLook& look) const;

  /// The highest of the map, for each frame.
  std::vector<double> scores(ScoredBy how, AnomalyLearner& learner, const AnomalyFrames& frames) const;

  /// The whole model: network, distance, `map` (thinned to the highest of `pool` × `pool` cells) and `score`.
  std::string to_onnx(ScoredBy how, const AnomalyLearner& learner, const std::string& name, int pool) const;

 private:
  std::string add_map(OnnxGraph& graph, ScoredBy how, const AnomalyLearner& learner, const std::string& features) const;

  AnomalyNetConfig config_;
  Affine whitening_;
  Memory memory_;
};

/// The least thinning that divides both sides and leaves a map small enough to go with every reading.
int pool_of(int height, int width);

}  // namespace perch::trainer
