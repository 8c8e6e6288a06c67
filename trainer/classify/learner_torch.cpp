#include <algorithm>
#include <cmath>
#include <future>
#include <numeric>

#include <ATen/CPUGeneratorImpl.h>

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
class TowerImpl : public torch::nn::Module {
 public:
  explicit TowerImpl(const ClassifyNetConfig& config) : keep_place_(config.keep_place) {
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
    if (keep_place_) {
      const int narrow = std::max(8, out / 2);
      squeeze_ = register_module("squeeze", torch::nn::Conv2d(torch::nn::Conv2dOptions(out, narrow, 1)));
      out = narrow * width * height;
    } else {
      out *= 2;  // the mean and the highest of each channel
    }
    sum_ = register_module("sum", torch::nn::Linear(out, config.classes));
  }

  torch::Tensor forward(torch::Tensor x) {
    for (std::size_t i = 0; i < convs_.size(); ++i) x = torch::relu(norms_[i](convs_[i](x)));
    x = keep_place_ ? torch::relu(squeeze_(x)) : torch::cat({x.mean({2, 3}), x.amax({2, 3})}, 1);
    return sum_(drop(x.flatten(1)));
  }

  /// The features that its last layer sums up.
  std::string features(OnnxGraph& graph, std::string x) const {
    for (std::size_t i = 0; i < convs_.size(); ++i) x = graph.relu(export_conv(graph, x, convs_[i], norms_[i]));
    x = keep_place_ ? graph.relu(export_conv(graph, x, squeeze_))
                    : graph.concat({graph.node("GlobalAveragePool", {x}), graph.node("GlobalMaxPool", {x})}, 1);
    return graph.reshape(x, {0, sum_->weight.size(1)});
  }

  const torch::nn::Linear& sum() const { return sum_; }

  void seed(std::uint64_t seed) { random_.set_current_seed(seed); }

 private:
  /// Dropout with random numbers of its own: towers that learn side by side would take each other's in any order.
  torch::Tensor drop(const torch::Tensor& x) {
    if (!is_training()) return x;
    return x * torch::empty_like(x).bernoulli_(1 - kDropout, random_).div_(1 - kDropout);
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

  bool keep_place_;
  at::Generator random_ = at::make_generator<at::CPUGeneratorImpl>();
  std::vector<torch::nn::Conv2d> convs_;
  std::vector<torch::nn::BatchNorm2d> norms_;
  torch::nn::Conv2d squeeze_{nullptr};
  torch::nn::Linear sum_{nullptr};
};

TORCH_MODULE(Tower);

/// Towers that see the same picture. Its logits are the mean of theirs.
class ClassifyNetImpl : public torch::nn::Module {
 public:
  explicit ClassifyNetImpl(const ClassifyNetConfig& config) : config_(config) {
    for (int i = 0; i < config.towers; ++i)
      towers_.emplace_back(register_module("tower" + std::to_string(i), Tower(config)));
  }

  torch::Tensor forward(torch::Tensor x) {
    x = even_light(std::move(x));
    torch::Tensor sum = towers_.front()(x);
    for (std::size_t i = 1; i < towers_.size(); ++i) sum = sum + towers_[i](x);
    return sum / static_cast<double>(towers_.size());
  }

  /// What the towers see of pictures [N,…].
  torch::Tensor even_light(torch::Tensor x) const {
    if (!config_.take_off_light) return x;
    x = x - x.mean({2, 3}, true);
    return x / (x.square().mean({2, 3}, true) + kLeastVariance).sqrt();
  }

  std::vector<Tower>& towers() { return towers_; }

  /// The towers' last layers are one layer on all of their features.
  std::string to_onnx(OnnxGraph& graph, std::string x) const {
    if (config_.take_off_light) x = without_light(graph, x);
    std::vector<std::string> features;
    std::vector<torch::Tensor> weights;
    torch::Tensor bias = torch::zeros({config_.classes});
    const auto count = static_cast<double>(towers_.size());
    for (const Tower& tower : towers_) {
      features.push_back(tower->features(graph, x));
      weights.push_back(tower->sum()->weight / count);
      bias = bias + tower->sum()->bias / count;
    }
    const std::string all = features.size() == 1 ? features.front() : graph.concat(features, 1);
    return graph.linear(all, perch::trainer::to_onnx(torch::cat(weights, 1)), perch::trainer::to_onnx(bias));
  }

  void scale_logits(float factor) {
    const torch::NoGradGuard no_grad;
    for (const Tower& tower : towers_) {
      tower->sum()->weight.mul_(factor);
      tower->sum()->bias.mul_(factor);
    }
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

  ClassifyNetConfig config_;
  std::vector<Tower> towers_;
};

TORCH_MODULE(ClassifyNet);

class ClassifyTraining final : public BatchLearner<ClassifyLearner, ClassifyFeed, ClassifyNet> {
 public:
  ClassifyTraining(const ClassifyNetConfig& config, ClassifyFeed& feed)
      : BatchLearner(feed, learning(config), [&] { return ClassifyNet(config); }),
        config_(config),
        lanes_(blas_is_for_one_thread() ? 1
                                        : static_cast<std::size_t>(std::min(config.towers, torch::get_num_threads()))) {
  }

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
    return loss(net()(tensor_of(batch.pictures, batch.size)), batch);
  }

  /// Each tower learns by itself, as many at once as there are threads.
  double backward(const ClassifyBatch& batch) override {
    std::vector<Tower>& towers = net()->towers();
    if (towers.size() == 1) return BatchLearner::backward(batch);
    const torch::Tensor pictures = net()->even_light(tensor_of(batch.pictures, batch.size));
    std::vector<double> losses(towers.size());
    const auto learn = [&](std::size_t first) {
      torch::set_num_threads(1);  // of the calling thread
      for (std::size_t i = first; i < towers.size(); i += lanes_) {
        const torch::Tensor of_tower = loss(towers[i](pictures), batch);
        of_tower.backward();
        losses[i] = of_tower.item<double>();
      }
    };
    std::vector<std::future<void>> others;
    for (std::size_t lane = 1; lane < lanes_; ++lane) others.push_back(std::async(std::launch::async, learn, lane));
    learn(0);
    for (std::future<void>& other : others) other.get();
    return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
  }

  void draw_anew(std::uint64_t seed) override {
    std::vector<Tower>& towers = net()->towers();
    for (std::size_t i = 0; i < towers.size(); ++i) towers[i]->seed(seed * towers.size() + i);
  }

 private:
  torch::Tensor loss(const torch::Tensor& logits, const ClassifyBatch& batch) const {
    const torch::Tensor targets =
        torch::from_blob(const_cast<float*>(batch.targets.data()), {batch.size, config_.classes}, torch::kFloat32);
    return -(targets * torch::log_softmax(logits, 1)).sum(1).mean();
  }

  static BatchLearning learning(const ClassifyNetConfig& config) {
    return {config.learning_rate, kWeightDecay,
            kAverageDecay,        kLargestGradient * std::sqrt(config.towers),
            kEvaluationBatch,     {config.channels_in, config.height, config.width},
            config.seed,          config.threads};
  }

  ClassifyNetConfig config_;
  std::size_t lanes_;  ///< of towers that learn at once
};

}  // namespace

std::unique_ptr<ClassifyLearner> make_classify_learner(const ClassifyNetConfig& config, ClassifyFeed& feed) {
  return std::make_unique<ClassifyTraining>(config, feed);
}

}  // namespace perch::trainer
