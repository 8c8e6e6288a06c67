#include "anomaly/network_torch.hpp"

#include <array>

#include "core/training_torch.hpp"

namespace perch::trainer {

namespace {

constexpr std::array kDilations{1, 1, 2, 4, 2, 1};  // sees 23 cells each way
constexpr double kNoise_celsius = 0.5;              ///< differences below this are squeezed least
constexpr double kRare = -5;                        ///< the first answer of an untrained network: nothing is unusual
constexpr int kKernel = 3;

}  // namespace

AnomalyNetImpl::AnomalyNetImpl(const AnomalyNetConfig& config) : thermal_(config.thermal) {
  int in = config.channels();
  for (const int dilation : kDilations) {
    const auto options = torch::nn::Conv2dOptions(in, config.features, kKernel).padding(dilation).dilation(dilation);
    layers_.emplace_back(register_module("layer" + std::to_string(layers_.size()), torch::nn::Conv2d(options)));
    in = config.features;
  }
  last_ = register_module("last", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, 1, 1)));
  torch::nn::init::constant_(last_->bias, kRare);
}

torch::Tensor AnomalyNetImpl::features(torch::Tensor x) {
  if (thermal_) {
    const torch::Tensor smooth = torch::avg_pool2d(x, kKernel, 1, 1, false, false);
    x = torch::asinh((x - smooth.amin({1, 2, 3}, true)) / kNoise_celsius);
  }
  for (auto& layer : layers_) x = torch::relu(layer(x));
  return x;
}

std::string AnomalyNetImpl::add_features(OnnxGraph& graph, const std::string& input) const {
  std::string x = input;
  if (thermal_) {
    OnnxAttributes pool, all;
    pool.lists = {{"kernel_shape", {kKernel, kKernel}}, {"pads", {1, 1, 1, 1}}, {"strides", {1, 1}}};
    pool.integers = {{"count_include_pad", 0}};
    all.lists = {{"axes", {1, 2, 3}}};
    all.integers = {{"keepdims", 1}};
    const std::string coldest = graph.node("ReduceMin", {graph.node("AveragePool", {x}, pool)}, all);
    const std::string gain = graph.weights({{1}, {static_cast<float>(1 / kNoise_celsius)}});
    x = graph.node("Asinh", {graph.node("Mul", {graph.node("Sub", {x, coldest}), gain})});
  }
  for (const auto& layer : layers_) {
    const std::int64_t dilation = layer->options.dilation()->at(0);
    OnnxAttributes attributes;
    attributes.lists = {{"kernel_shape", {kKernel, kKernel}},
                        {"dilations", {dilation, dilation}},
                        {"pads", {dilation, dilation, dilation, dilation}}};
    x = graph.relu(graph.node("Conv", {x, graph.weights(to_onnx(layer->weight)), graph.weights(to_onnx(layer->bias))},
                              attributes));
  }
  return x;
}

std::string AnomalyNetImpl::add_logits(OnnxGraph& graph, const std::string& features) const {
  return export_conv(graph, features, last_);
}

namespace {

constexpr double kChangedShare = 0.7;
constexpr double kWeightDecay = 1e-4;
constexpr double kAverageDecay = 0.995;
constexpr int64_t kMeasured = 64;  ///< frames at once

class TorchAnomalyLearner final : public AnomalyLearner {
 public:
  TorchAnomalyLearner(const AnomalyNetConfig& config, AnomalyData data)
      : config_(config),
        data_(std::move(data)),
        net_((prepare_torch(config.seed, config.threads), config)),
        average_(config),
        optimizer_(decay_groups(*net_, kWeightDecay), torch::optim::AdamWOptions(config.learning_rate)) {
    weights_from_bytes(*average_, weights_to_bytes(*net_));
    normal_ = tensor_of(data_.normal);
    if (data_.held_out_unusual.count == 0) make_unusual();
  }

  double train_epoch(int epoch, Pace& pace) override {
    torch::manual_seed(static_cast<std::uint64_t>(config_.seed) * 1'000'003 + static_cast<std::uint64_t>(epoch));
    const torch::Tensor order = torch::randperm(normal_.size(0), torch::kLong);
    const int64_t batch = std::min<int64_t>(config_.batch, normal_.size(0)), steps = normal_.size(0) / batch;
    double sum = 0;
    int64_t done = 0;
    for (; done < steps && !pace.stop(); ++done) {
      set_learning_rate(optimizer_, config_.learning_rate * learning_rate_factor(pace.done()));
      const Changed changed = change(normal_.index_select(0, order.slice(0, done * batch, (done + 1) * batch)),
                                     config_.thermal, kChangedShare);
      const torch::Tensor logits = net_->logits(net_->features(changed.frames));
      const torch::Tensor each =
          torch::binary_cross_entropy_with_logits(logits, changed.where, {}, {}, at::Reduction::None);
      const torch::Tensor loss = (each * changed.counts).mean();
      optimizer_.zero_grad();
      loss.backward();
      optimizer_.step();
      update_average(*average_, *net_, kAverageDecay);
      sum += loss.item<double>();
      pace.step(static_cast<double>(done + 1) / static_cast<double>(steps), loss.item<double>());
    }
    return sum / static_cast<double>(std::max<int64_t>(done, 1));
  }

  double evaluate() override {
    const torch::Tensor normal = highest(data_.held_out_normal), unusual = highest(data_.held_out_unusual);
    const torch::Tensor above = (unusual.unsqueeze(1) > normal.unsqueeze(0)).to(torch::kFloat64);
    const torch::Tensor equal = (unusual.unsqueeze(1) == normal.unsqueeze(0)).to(torch::kFloat64);
    return (above + equal * 0.5).mean().item<double>();
  }

  AnomalyLook look(const float* frame) override {
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = torch::from_blob(const_cast<float*>(frame), shape(1));  // NOLINT: only read
    const torch::Tensor features = average_->features(x);
    return {to_onnx(features).values, to_onnx(average_->logits(features)).values};
  }

  const AnomalyFrames& unusual() const override { return data_.held_out_unusual; }

  bool made_unusual() const override { return made_unusual_; }

  std::string add_features(OnnxGraph& graph, const std::string& x) const override {
    return average_->add_features(graph, x);
  }

  std::string add_logits(OnnxGraph& graph, const std::string& features) const override {
    return average_->add_logits(graph, features);
  }

  std::string state() const override { return training_to_bytes(*net_, optimizer_, *average_); }

  void restore(const std::string& state) override { training_from_bytes(*net_, optimizer_, *average_, state); }

  std::string weights() const override { return weights_to_bytes(*average_); }

  void use_weights(const std::string& weights) override { weights_from_bytes(*average_, weights); }

 private:
  std::vector<int64_t> shape(std::size_t frames) const {
    return {static_cast<int64_t>(frames), config_.channels(), config_.height, config_.width};
  }

  torch::Tensor tensor_of(const AnomalyFrames& frames) const {
    return torch::from_blob(const_cast<float*>(frames.values.data()), shape(frames.count));  // NOLINT: only read
  }

  torch::Tensor highest(const AnomalyFrames& frames) {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> all;
    for (const torch::Tensor& some : tensor_of(frames).split(kMeasured))
      all.push_back(average_->logits(average_->features(some)).amax({1, 2, 3}));
    return torch::cat(all);
  }

  void make_unusual() {
    const Changed changed = change(tensor_of(data_.held_out_normal), config_.thermal, 1);
    const OnnxWeights frames = to_onnx(changed.frames);
    const torch::Tensor shows = changed.where.amax({1, 2, 3});
    for (std::size_t i = 0; i < data_.held_out_normal.count; ++i) {
      if (shows[static_cast<int64_t>(i)].item<float>() < 0.5F) continue;  // it lies outside the frame
      const auto begin = frames.values.begin() + static_cast<std::ptrdiff_t>(i * config_.frame_size());
      auto& values = data_.held_out_unusual.values;
      values.insert(values.end(), begin, begin + static_cast<std::ptrdiff_t>(config_.frame_size()));
      ++data_.held_out_unusual.count;
    }
    made_unusual_ = true;
  }

  AnomalyNetConfig config_;
  AnomalyData data_;
  AnomalyNet net_, average_;
  torch::optim::AdamW optimizer_;
  torch::Tensor normal_;
  bool made_unusual_ = false;
};

}  // namespace

std::unique_ptr<AnomalyLearner> make_anomaly_learner(const AnomalyNetConfig& config, AnomalyData data) {
  return std::make_unique<TorchAnomalyLearner>(config, std::move(data));
}

}  // namespace perch::trainer
