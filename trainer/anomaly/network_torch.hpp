#pragma once
#include <vector>

#include <torch/torch.h>

#include "anomaly/network.hpp"

namespace perch::trainer {

/// The network itself; see `AnomalyLearner`.
class AnomalyNetImpl : public torch::nn::Module {
 public:
  explicit AnomalyNetImpl(const AnomalyNetConfig& config);

  /// [N, channels, H, W] → [N, features, H, W].
  torch::Tensor features(torch::Tensor x);

  /// [N, features, H, W] → logits [N, 1, H, W].
  torch::Tensor logits(const torch::Tensor& features) { return last_(features); }

  std::string add_features(OnnxGraph& graph, const std::string& x) const;
  std::string add_logits(OnnxGraph& graph, const std::string& features) const;

 private:
  bool thermal_;
  std::vector<torch::nn::Conv2d> layers_;
  torch::nn::Conv2d last_{nullptr};
};

TORCH_MODULE(AnomalyNet);

/// Normal frames with something added to most of them, and where.
struct Changed {
  torch::Tensor frames;  ///< [N, channels, H, W]
  torch::Tensor where;   ///< [N, 1, H, W]: 1 in the middle of what was added, 0 elsewhere
  torch::Tensor counts;  ///< [N, 1, H, W]: 0 at its edge, where neither answer is wrong
};

/// Draws from torch's own random numbers. @param share  of the frames that are changed, 0..1
Changed change(const torch::Tensor& normal, bool thermal, double share);

}  // namespace perch::trainer
