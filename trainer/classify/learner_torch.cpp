#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "classify/network.hpp"
#include "core/training_torch.hpp"

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
    x = config_.keep_place ? torch::relu(squeeze_(x)) : x.mean({2, 3}, true);
    return sum_(dropout_(x.flatten(1)));
  }

  std::string to_onnx(OnnxGraph& graph, std::string x) const {
    if (config_.take_off_light) x = without_light(graph, x);
    for (std::size_t i = 0; i < convs_.size(); ++i) x = graph.relu(export_conv(graph, x, convs_[i], norms_[i]));
    x = config_.keep_place ? graph.relu(export_conv(graph, x, squeeze_)) : graph.node("GlobalAveragePool", {x});
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

class ClassifyTraining final : public ClassifyLearner {
 public:
  ClassifyTraining(const ClassifyNetConfig& config, ClassifyFeed& feed) : config_(config), feed_(feed) {
    prepare_torch(config.seed, config.threads);
    net_ = ClassifyNet(config);
    average_ = ClassifyNet(config);
    weights_from_bytes(*average_, weights_to_bytes(*net_));
    optimizer_ = std::make_unique<torch::optim::AdamW>(decay_groups(*net_, kWeightDecay));
  }

  double train_epoch(int epoch, Pace& pace) override {
    net_->train();
    double sum = 0;
    int done = 0;
    const int batches = feed_.batches();
    for (int i = 0; i < batches && !pace.stop(); ++i) {
      const ClassifyBatch batch = feed_.batch(epoch, i);
      set_learning_rate(*optimizer_, config_.learning_rate * learning_rate_factor(pace.done()));
      const double loss = step(batch);
      const double steps = static_cast<double>(epoch - 1) * batches + i;
      update_average(*average_, *net_, std::min(kAverageDecay, (1 + steps) / (10 + steps)));
      sum += loss;
      ++done;
      pace.step(static_cast<double>(i + 1) / batches, loss);
    }
    return done > 0 ? sum / done : 0;
  }

  double evaluate() override {
    std::vector<std::vector<float>> logits;
    for (int first = 0; first < feed_.held_out(); first += kEvaluationBatch) {
      const int count = std::min(kEvaluationBatch, feed_.held_out() - first);
      std::vector<float> pictures;
      for (int i = 0; i < count; ++i) {
        const std::vector<float>& picture = feed_.held_out_picture(first + i);
        pictures.insert(pictures.end(), picture.begin(), picture.end());
      }
      const torch::Tensor out = run(pictures, count);
      const auto classes = static_cast<std::size_t>(config_.classes);
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const float* values = out.data_ptr<float>() + i * classes;
        logits.emplace_back(values, values + classes);
      }
    }
    return feed_.judge(logits);
  }

  std::string state() const override { return training_to_bytes(*net_, *optimizer_, *average_); }

  void restore(const std::string& state) override { training_from_bytes(*net_, *optimizer_, *average_, state); }

  std::string weights() const override { return weights_to_bytes(*average_); }

  void use_weights(const std::string& weights) override { weights_from_bytes(*average_, weights); }

  std::string to_onnx() override {
    OnnxGraph graph("classify");
    const std::string x =
        graph.input("image", {OnnxGraph::kAnyBatch, config_.channels_in, config_.height, config_.width});
    graph.output(average_->to_onnx(graph, x), "logits", {OnnxGraph::kAnyBatch, config_.classes});
    return graph.bytes();
  }

  std::vector<float> predict(const std::vector<float>& picture) override {
    const torch::Tensor out = run(picture, 1);
    return {out.data_ptr<float>(), out.data_ptr<float>() + out.numel()};
  }

  void scale_logits(float factor) override { average_->scale_logits(factor); }

 private:
  torch::Tensor tensor_of(const std::vector<float>& pictures, int count) const {
    return torch::from_blob(const_cast<float*>(pictures.data()),
                            {count, config_.channels_in, config_.height, config_.width}, torch::kFloat32);
  }

  torch::Tensor run(const std::vector<float>& pictures, int count) {
    const torch::NoGradGuard no_grad;
    average_->eval();
    return average_(tensor_of(pictures, count)).contiguous();
  }

  double step(const ClassifyBatch& batch) {
    const torch::Tensor targets =
        torch::from_blob(const_cast<float*>(batch.targets.data()), {batch.size, config_.classes}, torch::kFloat32);
    const torch::Tensor out = net_(tensor_of(batch.pictures, batch.size));
    const torch::Tensor loss = -(targets * torch::log_softmax(out, 1)).sum(1).mean();
    const double value = loss.item<double>();
    if (!std::isfinite(value)) throw std::runtime_error("the loss is not a number; try a lower learning_rate");
    optimizer_->zero_grad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(net_->parameters(), kLargestGradient);
    optimizer_->step();
    return value;
  }

  ClassifyNetConfig config_;
  ClassifyFeed& feed_;
  ClassifyNet net_{nullptr}, average_{nullptr};
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

}  // namespace

std::unique_ptr<ClassifyLearner> make_classify_learner(const ClassifyNetConfig& config, ClassifyFeed& feed) {
  return std::make_unique<ClassifyTraining>(config, feed);
}

}  // namespace perch::trainer
