#include "detect/network_torch.hpp"

#include <cmath>

#include "core/training_torch.hpp"

namespace perch::trainer {

namespace {

constexpr int kBoxValues = 4;
constexpr double kScorePrior = 0.01;  // so that at first nothing is found anywhere
constexpr double kNormMomentum = 0.03;

torch::nn::Conv2dOptions conv_options(int in, int out, int size, int stride, bool bias) {
  return torch::nn::Conv2dOptions(in, out, size).stride(stride).padding(size / 2).bias(bias);
}

}  // namespace

ConvUnitImpl::ConvUnitImpl(int in, int out, int size, int stride)
    : conv_(register_module("conv", torch::nn::Conv2d(conv_options(in, out, size, stride, false)))),
      norm_(
          register_module("norm", torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(out).momentum(kNormMomentum)))) {
  torch::nn::init::kaiming_normal_(conv_->weight, 0, torch::kFanOut, torch::kReLU);
}

torch::Tensor ConvUnitImpl::forward(const torch::Tensor& x) {
  return torch::relu(norm_(conv_(x)));
}

torch::Tensor ConvUnitImpl::over_all(const std::vector<torch::Tensor>& grids) {
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& grid : grids) parts.push_back(conv_(grid).flatten(2));
  return torch::relu(norm_(torch::cat(parts, 2).unsqueeze(3)));
}

std::string ConvUnitImpl::to_onnx(OnnxGraph& graph, const std::string& x) const {
  return graph.relu(export_conv(graph, x, conv_, norm_));
}

ResidualImpl::ResidualImpl(int channels)
    : first_(register_module("first", ConvUnit(channels, channels, 3, 1))),
      second_(register_module("second", ConvUnit(channels, channels, 3, 1))) {}

torch::Tensor ResidualImpl::forward(const torch::Tensor& x) {
  return x + second_(first_(x));
}

std::string ResidualImpl::to_onnx(OnnxGraph& graph, const std::string& x) const {
  return graph.add(x, second_->to_onnx(graph, first_->to_onnx(graph, x)));
}

DetectNetImpl::DetectNetImpl(int channels, int classes) : classes_(classes) {
  const int c = channels, at4 = c * 3 / 2, at8 = c * 3, deep = c * 4, neck = c * 5 / 2;
  stem_ = register_module("stem", ConvUnit(3, c, 3, 2));
  to4_ = register_module("to4", ConvUnit(c, at4, 3, 2));
  to8_ = register_module("to8", ConvUnit(at4, at8, 3, 2));
  at8_ = register_module("at8", Residual(at8));
  to16_ = register_module("to16", ConvUnit(at8, deep, 3, 2));
  at16_ = register_module("at16", Residual(deep));
  to32_ = register_module("to32", ConvUnit(deep, deep, 3, 2));
  side8_ = register_module("side8", ConvUnit(at8, neck, 1, 1));
  side16_ = register_module("side16", ConvUnit(deep, neck, 1, 1));
  side32_ = register_module("side32", ConvUnit(deep, neck, 1, 1));
  join8_ = register_module("join8", ConvUnit(neck, neck, 3, 1));
  join16_ = register_module("join16", ConvUnit(neck, neck, 3, 1));
  box_unit_ = register_module("box_unit", ConvUnit(neck, neck, 3, 1));
  score_unit_ = register_module("score_unit", ConvUnit(neck, neck, 3, 1));
  box_ = register_module("box", torch::nn::Conv2d(conv_options(neck, kBoxValues, 1, 1, true)));
  score_ = register_module("score", torch::nn::Conv2d(conv_options(neck, 1 + classes, 1, 1, true)));
  torch::nn::init::normal_(box_->weight, 0, 0.01);
  torch::nn::init::constant_(box_->bias, 0.5);
  torch::nn::init::normal_(score_->weight, 0, 0.01);
  torch::nn::init::constant_(score_->bias, -std::log((1 - kScorePrior) / kScorePrior));
}

std::vector<torch::Tensor> DetectNetImpl::levels(const torch::Tensor& x) {
  const auto twice = [](const torch::Tensor& t) {
    return torch::upsample_nearest2d(t, {t.size(2) * 2, t.size(3) * 2});
  };
  const torch::Tensor s8 = at8_(to8_(to4_(stem_(x))));
  const torch::Tensor s16 = at16_(to16_(s8));
  const torch::Tensor n32 = side32_(to32_(s16));
  const torch::Tensor n16 = join16_(side16_(s16) + twice(n32));
  return {join8_(side8_(s8) + twice(n16)), n16, n32};
}

torch::Tensor DetectNetImpl::forward(const torch::Tensor& x) {
  const std::vector<torch::Tensor> grids = levels(x);
  return torch::cat({box_(box_unit_->over_all(grids)), score_(score_unit_->over_all(grids))}, 1)
      .flatten(2)
      .transpose(1, 2);
}

std::string DetectNetImpl::to_onnx(OnnxGraph& graph, const std::string& x) const {
  const std::string s8 = at8_->to_onnx(graph, to8_->to_onnx(graph, to4_->to_onnx(graph, stem_->to_onnx(graph, x))));
  const std::string s16 = at16_->to_onnx(graph, to16_->to_onnx(graph, s8));
  const std::string n32 = side32_->to_onnx(graph, to32_->to_onnx(graph, s16));
  const std::string n16 = join16_->to_onnx(graph, graph.add(side16_->to_onnx(graph, s16), graph.twice(n32)));
  const std::string n8 = join8_->to_onnx(graph, graph.add(side8_->to_onnx(graph, s8), graph.twice(n16)));
  std::vector<std::string> parts;
  for (const std::string& level : {n8, n16, n32}) {
    const std::string box = export_conv(graph, box_unit_->to_onnx(graph, level), box_);
    const std::string score = graph.sigmoid(export_conv(graph, score_unit_->to_onnx(graph, level), score_));
    parts.push_back(graph.reshape(graph.concat({box, score}, 1), {0, kBoxValues + 1 + classes_, -1}));
  }
  return graph.transpose(graph.concat(parts, 2), {0, 2, 1});
}

}  // namespace perch::trainer
