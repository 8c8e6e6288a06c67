#include "classify/network.hpp"
#include "core/batch_learner_torch.hpp"

namespace perch::trainer {

namespace {

constexpr double kWeightDecay = 0.1;  // few pictures, many features
constexpr double kAverageDecay = 0.98;
constexpr double kLargestGradient = 10;
constexpr int kEvaluationBatch = 64;

class HeadTraining final : public BatchLearner<ClassifyLearner, ClassifyFeed, torch::nn::Linear> {
 public:
  HeadTraining(const HeadConfig& config, ClassifyFeed& feed, WithHead with_head)
      : BatchLearner(feed, learning(config), [&] { return make(config); }),
        config_(config),
        with_head_(std::move(with_head)) {}

  std::vector<float> predict(const std::vector<float>& features) override {
    std::vector<float> all = BatchLearner::predict(features);
    all.resize(static_cast<std::size_t>(config_.classes));
    return all;
  }

  std::string to_onnx() override {
    return with_head_(perch::trainer::to_onnx(average()->weight.slice(0, 0, config_.classes)).values,
                      perch::trainer::to_onnx(average()->bias.slice(0, 0, config_.classes)).values);
  }

  void scale_logits(float factor) override {
    const torch::NoGradGuard no_grad;
    average()->weight.mul_(factor);
    average()->bias.mul_(factor);
  }

 protected:
  torch::Tensor answer(const torch::Tensor& features) override { return average()(features); }

  torch::Tensor loss_of(const ClassifyBatch& batch) override {
    const auto over = [&](const std::vector<float>& values, std::vector<std::int64_t> shape) {
      return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat32);
    };
    const torch::Tensor targets = over(batch.targets, {batch.size, 1, config_.classes});
    const torch::Tensor learns = over(batch.heads, {batch.size, config_.heads});
    const torch::Tensor out = net()(tensor_of(batch.pictures, batch.size));
    const torch::Tensor logits = out.view({batch.size, config_.heads, config_.classes});
    const torch::Tensor loss = -(targets * torch::log_softmax(logits, 2)).sum(2);
    return ((loss * learns).sum(0) / learns.sum(0).clamp_min(1)).sum();
  }

 private:
  static torch::nn::Linear make(const HeadConfig& config) {
    torch::nn::Linear linear(config.features, std::int64_t{config.heads} * config.classes);
    torch::nn::init::zeros_(linear->weight);
    torch::nn::init::zeros_(linear->bias);
    return linear;
  }

  static BatchLearning learning(const HeadConfig& config) {
    return {config.learning_rate, kWeightDecay,      kAverageDecay, kLargestGradient,
            kEvaluationBatch,     {config.features}, config.seed,   config.threads};
  }

  HeadConfig config_;
  WithHead with_head_;
};

}  // namespace

std::unique_ptr<ClassifyLearner> make_head_learner(const HeadConfig& config, ClassifyFeed& feed, WithHead with_head) {
  return std::make_unique<HeadTraining>(config, feed, std::move(with_head));
}

}  // namespace perch::trainer
