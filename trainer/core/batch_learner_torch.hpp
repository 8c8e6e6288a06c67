#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/learner.hpp"
#include "core/training_torch.hpp"

namespace perch::trainer {

/// Seeds of trainings lie so far apart, so that no epoch of one has the random numbers of another's.
inline constexpr std::int64_t kSeedStep = 1'000'003;

/// How a network learns from batches.
struct BatchLearning {
  double learning_rate = 0.003;  ///< highest
  double weight_decay = 0.02;
  double average_decay = 0.995;  ///< of the weights that are published; less at first
  double largest_gradient = 10;
  int evaluation_batch = 16;          ///< held-out pictures at once
  std::vector<std::int64_t> picture;  ///< shape of one
  std::int64_t seed = 1;
  int threads = 0;
};

/// What all learners share that learn from a feed's batches with AdamW and publish the average of their weights.
///
/// @tparam Line  what the trainer's C++20 side sees: a `Learner` with `predict(picture)`
/// @tparam Feed  batches to learn from, held-out pictures and who judges the answers to them, as `ClassifyFeed` has it
/// @tparam Net   the holder of a torch module
template <class Line, class Feed, class Net>
class BatchLearner : public Line {
  using Batch = decltype(std::declval<Feed&>().batch(1, 0));

 public:
  double train_epoch(int epoch, Pace& pace) override {
    net_->train();
    draw_anew(static_cast<std::uint64_t>(how_.seed * kSeedStep + epoch));
    double sum = 0;
    int done = 0;
    const int batches = feed_.batches();
    std::future<Batch> next = make_batch(epoch, 0);
    for (int i = 0; i < batches && !pace.stop(); ++i) {
      const Batch batch = next.get();
      if (i + 1 < batches) next = make_batch(epoch, i + 1);
      set_learning_rate(*optimizer_, how_.learning_rate * learning_rate_factor(pace.done()));
      const double loss = step(batch);
      const double steps = static_cast<double>(epoch - 1) * batches + i;
      update_average(*average_, *net_, std::min(how_.average_decay, (1 + steps) / (10 + steps)));
      sum += loss;
      ++done;
      pace.step(static_cast<double>(i + 1) / batches, loss);
    }
    return done > 0 ? sum / done : 0;
  }

  double evaluate() override {
    std::vector<std::vector<float>> answers;
    for (int first = 0; first < feed_.held_out(); first += how_.evaluation_batch) {
      const int count = std::min(how_.evaluation_batch, feed_.held_out() - first);
      std::vector<float> pictures;
      for (int i = 0; i < count; ++i) {
        const std::vector<float>& picture = feed_.held_out_picture(first + i);
        pictures.insert(pictures.end(), picture.begin(), picture.end());
      }
      const torch::Tensor out = run(pictures, count);
      const auto size = static_cast<std::size_t>(out.numel() / count);
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const float* values = out.template data_ptr<float>() + i * size;
        answers.emplace_back(values, values + size);
      }
    }
    return feed_.judge(answers);
  }

  double metric_error() const override { return feed_.metric_error(); }

  std::vector<float> predict(const std::vector<float>& picture) override {
    const torch::Tensor out = run(picture, 1);
    return {out.template data_ptr<float>(), out.template data_ptr<float>() + out.numel()};
  }

  std::string state() const override { return training_to_bytes(*net_, *optimizer_, *average_); }

  void restore(const std::string& state) override { training_from_bytes(*net_, *optimizer_, *average_, state); }

  std::string weights() const override { return weights_to_bytes(*average_); }

  void use_weights(const std::string& weights) override { weights_from_bytes(*average_, weights); }

 protected:
  /// @param feed      must outlive the learner
  /// @param make_net  called twice, once the random numbers of `how.seed` are set
  template <class MakeNet>
  BatchLearner(Feed& feed, BatchLearning how, const MakeNet& make_net) : feed_(feed),
                                                                         how_(std::move(how)) {
    prepare_torch(how_.seed, how_.threads);
    net_ = make_net();
    average_ = make_net();
    weights_from_bytes(*average_, weights_to_bytes(*net_));
    optimizer_ = std::make_unique<torch::optim::AdamW>(decay_groups(*net_, how_.weight_decay));
  }

  /// The loss of `net_` on a batch; a scalar.
  virtual torch::Tensor loss_of(const Batch& batch) = 0;

  /// Adds the gradients of the loss on a batch to the parameters of `net_`. @returns the loss
  virtual double backward(const Batch& batch) {
    const torch::Tensor loss = loss_of(batch);
    loss.backward();
    return loss.item<double>();
  }

  /// Sets the random numbers that the network itself draws in an epoch.
  virtual void draw_anew(std::uint64_t seed) { torch::manual_seed(seed); }

  /// What the published network says of pictures. @param pictures  [N,…] @returns [N,…] f32
  virtual torch::Tensor answer(const torch::Tensor& pictures) = 0;

  /// [count,…] over the memory of `pictures`, which it does not own.
  torch::Tensor tensor_of(const std::vector<float>& pictures, int count) const {
    std::vector<std::int64_t> shape{count};
    shape.insert(shape.end(), how_.picture.begin(), how_.picture.end());
    return torch::from_blob(const_cast<float*>(pictures.data()), shape, torch::kFloat32);
  }

  Net& net() { return net_; }

  Net& average() { return average_; }

  const Net& average() const { return average_; }

 private:
  /// A batch that is made while the network learns from the one before.
  std::future<Batch> make_batch(int epoch, int index) {
    return std::async(std::launch::async, [=] { return feed_.batch(epoch, index); });
  }

  torch::Tensor run(const std::vector<float>& pictures, int count) {
    const torch::NoGradGuard no_grad;
    average_->eval();
    return answer(tensor_of(pictures, count)).contiguous();
  }

  double step(const Batch& batch) {
    optimizer_->zero_grad();
    const double loss = backward(batch);
    if (!std::isfinite(loss)) throw std::runtime_error("the loss is not a number; try a lower learning_rate");
    torch::nn::utils::clip_grad_norm_(net_->parameters(), how_.largest_gradient);
    optimizer_->step();
    return loss;
  }

  Feed& feed_;
  BatchLearning how_;
  Net net_{nullptr}, average_{nullptr};
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

}  // namespace perch::trainer
