#pragma once
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "onnx/graph.hpp"

namespace perch::trainer {

/// A convolution, its normalisation, a rectifier.
class ConvUnitImpl : public torch::nn::Module {
 public:
  ConvUnitImpl(int in, int out, int size, int stride);
  torch::Tensor forward(const torch::Tensor& x);
  /// The unit over several grids that it treats alike, normalised as one: with statistics of each grid while it learns
  /// and their mixture afterwards, it would see other values than it learned from. @returns [N,C,cells,1], grid after
  /// grid
  torch::Tensor over_all(const std::vector<torch::Tensor>& grids);
  std::string to_onnx(OnnxGraph& graph, const std::string& x) const;

 private:
  torch::nn::Conv2d conv_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
};

TORCH_MODULE(ConvUnit);

/// Two units whose result is added to what went in.
class ResidualImpl : public torch::nn::Module {
 public:
  explicit ResidualImpl(int channels);
  torch::Tensor forward(const torch::Tensor& x);
  std::string to_onnx(OnnxGraph& graph, const std::string& x) const;

 private:
  ConvUnit first_{nullptr}, second_{nullptr};
};

TORCH_MODULE(Residual);

/// The network: a trunk of five halvings, a neck that brings what the coarse levels know to the fine ones, and a head
/// that all three levels share.
class DetectNetImpl : public torch::nn::Module {
 public:
  DetectNetImpl(int channels, int classes);

  /// @param x  [N,3,H,W]
  /// @returns [N,cells,5 + classes]: dx, dy, log width, log height in strides, then logits of objectness and classes;
  ///          cells of all strides, rows first, small strides first
  torch::Tensor forward(const torch::Tensor& x);

  /// Adds the network with the sigmoids of its scores. @returns the name of [N,cells,5 + classes]
  std::string to_onnx(OnnxGraph& graph, const std::string& x) const;

 private:
  std::vector<torch::Tensor> levels(const torch::Tensor& x);

  int classes_;
  ConvUnit stem_{nullptr}, to4_{nullptr}, to8_{nullptr}, to16_{nullptr}, to32_{nullptr};
  Residual at8_{nullptr}, at16_{nullptr};
  ConvUnit side8_{nullptr}, side16_{nullptr}, side32_{nullptr}, join8_{nullptr}, join16_{nullptr};
  ConvUnit box_unit_{nullptr}, score_unit_{nullptr};
  torch::nn::Conv2d box_{nullptr}, score_{nullptr};
};

TORCH_MODULE(DetectNet);

}  // namespace perch::trainer
