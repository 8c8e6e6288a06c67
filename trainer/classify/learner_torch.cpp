#include <algorithm>

#include "classify/network.hpp"
#include "core/batch_learner_torch.hpp"

namespace perch::trainer {

namespace {

constexpr double kWeightDecay = 0.02;
constexpr double kAverageDecay = 0.995;
constexpr double kNormMomentum = 0.05;
constexpr double kLargestGradient = 5;
constexpr double kDropout = 0.15;
constexpr double kLeastVariance = 1e-4;  // of a picture in 0..1, so that an even one is not made into noise
constexpr int kEvaluationBatch = 64;

/// Convolutions that halve the picture, and a layer that sums up.
class ClassifyNetImpl : public torch::nn::Module {
 public:
  explicit ClassifyNetImpl(const ClassifyNetConfig& config) : config_(config) {
    int in = config.channels_in, out = config.channels, width = config.width, height = config.height;
    add(in, out, 1);
    for (int i = 0; i < config.halvings; ++i) {
      in = out;
      out = in * 2;
      add(in, out, 2);
      add(out, out, 1);
      width = (width + 1) / 2;
      height = (height + 1) / 2;
    }
    if (config.keep_place) {
      const int narrow = std::max(8, out / 2);
      squeeze_ = register_module("squeeze", torch::nn::Conv2d(torch::nn::Conv2dOptions(out, narrow, 1)));
      out = narrow * width * height;
    } else {
      out *= 2;  // the mean and the highest of each channel
    }
    dropout_ = register_module("dropout", torch::nn::Dropout(kDropout));
    sum_ = register_module("sum", torch::nn::Linear(out, config.classes));
  }

  torch::Tensor forward(torch::Tensor x) {
    if (config_.take_off_light) {
      x = x - x.mean({2, 3}, true);
      x = x / (x.square().mean({2, 3}, true) + kLeastVariance).sqrt();
    }
    for (std::size_t i = 0; i < convs_.size(); ++i) x = torch::relu(norms_[i](convs_[i](x)));
    x = config_.keep_place ? torch::relu(squeeze_(x)) : torch::cat({x.mean({2, 3}), x.amax({2, 3})}, 1);
    return sum_(dropout_(x.flatten(1)));
  }

  std::string to_onnx(OnnxGraph& graph, std::string x) const {
    if (config_.take_off_light) x = without_light(graph, x);
    for (std::size_t i = 0; i < convs_.size(); ++i) x = graph.relu(export_conv(graph, x, convs_[i], norms_[i]));
    x = config_.keep_place ? graph.relu(export_conv(graph, x, squeeze_))
                           : graph.concat({graph.node("GlobalAveragePool", {x}), graph.node("GlobalMaxPool", {x})}, 1);
    const auto features = sum_->weight.size(1);
    return graph.linear(graph.reshape(x, {0, features}), perch::trainer::to_onnx(sum_->weight),
                        perch::trainer::to_onnx(sum_->bias));
  }

  void scale_logits(float factor) {
    const torch::NoGradGuard no_grad;
    sum_->weight.mul_(factor);
    sum_->bias.mul_(factor);
  }

 private:
  std::string without_light(OnnxGraph& graph, const std::string& x) const {
    const auto channels = static_cast<std::size_t>(config_.channels_in);
    const OnnxWeights one{{config_.channels_in}, std::vector<float>(channels, 1.0F)};
    const OnnxWeights zero{{config_.channels_in}, std::vector<float>(channels, 0.0F)};
    OnnxAttributes attributes;
    attributes.floats.emplace_back("epsilon", static_cast<float>(kLeastVariance));
    return graph.node("InstanceNormalization", {x, graph.weights(one), graph.weights(zero)}, attributes);
  }

  void add(int in, int out, int stride) {
    const std::string number = std::to_string(convs_.size());
    convs_.emplace_back(
        register_module("conv" + number,
                        torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false))));
    torch::nn::init::kaiming_normal_(convs_.back()->weight, 0, torch::kFanOut, torch::kReLU);
    norms_.emplace_back(register_module(
        "norm" + number, torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(out).momentum(kNormMomentum))));
  }

  ClassifyNetConfig config_;
  std::vector<torch::nn::Conv2d> convs_;
  std::vector<torch::nn::BatchNorm2d> norms_;
  torch::nn::Conv2d squeeze_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
  torch::nn::Linear sum_{nullptr};
};

TORCH_MODULE(ClassifyNet);

class ClassifyTraining final : public BatchLearner<ClassifyLearner, ClassifyFeed, ClassifyNet> {
 public:
  ClassifyTraining(const ClassifyNetConfig& config, ClassifyFeed& feed)
      : BatchLearner(feed, learning(config), [&] { return ClassifyNet(config); }),
        config_(config) {}

  std::string to_onnx() override {
    OnnxGraph graph("classify");
    const std::string x =
        graph.input("image", {OnnxGraph::kAnyBatch, config_.channels_in, config_.height, config_.width});
    graph.output(average()->to_onnx(graph, x), "logits", {OnnxGraph::kAnyBatch, config_.classes});
    return graph.bytes();
  }

  void scale_logits(float factor) override { average()->scale_logits(factor); }

 protected:
  torch::Tensor answer(const torch::Tensor& pictures) override { return average()(pictures); }

  torch::Tensor loss_of(const ClassifyBatch& batch) override {
    const torch::Tensor targets =
        torch::from_blob(const_cast<float*>(batch.targets.data()), {batch.size, config_.classes}, torch::kFloat32);
    const torch::Tensor out = net()(tensor_of(batch.pictures, batch.size));
    return -(targets * torch::log_softmax(out, 1)).sum(1).mean();
  }

 private:
  static BatchLearning learning(const ClassifyNetConfig& config) {
    return {config.learning_rate, kWeightDecay,     kAverageDecay,
            kLargestGradient,     kEvaluationBatch, {config.channels_in, config.height, config.width},
            config.seed,          config.threads};
  }

  ClassifyNetConfig config_;
};

}  // namespace

std::unique_ptr<ClassifyLearner> make_classify_learner(const ClassifyNetConfig& config, ClassifyFeed& feed) {
  return std::make_unique<ClassifyTraining>(config, feed);
}

}  // namespace perch::trainer
