#include <algorithm>
#include <cmath>

#include "core/training_torch.hpp"
#include "detect/network.hpp"
#include "detect/network_torch.hpp"

namespace perch::trainer {

namespace {

constexpr double kWeightDecay = 0.02;
constexpr double kAverageDecay = 0.998;
constexpr double kBoxWeight = 5;
constexpr double kLargestGradient = 10;
constexpr double kLargestLogSize = 5;  // of a box's side in strides
constexpr int kEvaluationBatch = 16;
constexpr int kBoxValues = 4;

/// What the cells of a batch learn, as tensors.
struct Lesson {
  torch::Tensor cells;             ///< [P] places in the flattened [N·cells]
  torch::Tensor boxes;             ///< [P,4] cx, cy, w, h
  torch::Tensor labels;            ///< [P,classes]
  torch::Tensor there, certainty;  ///< [N·cells]: objectness to learn, and whether to learn it
  double positives = 1;
};

torch::Tensor area(const torch::Tensor& size) {
  return size.select(1, 0) * size.select(1, 1);
}

/// 1 − generalised IoU of boxes [P,4] as cx, cy, w, h. Source: Rezatofighi et al., "Generalized IoU", 2019.
torch::Tensor box_loss(const torch::Tensor& a, const torch::Tensor& b) {
  const auto a_xy = a.slice(1, 0, 2), a_wh = a.slice(1, 2, 4), b_xy = b.slice(1, 0, 2), b_wh = b.slice(1, 2, 4);
  const auto a_low = a_xy - a_wh / 2, a_high = a_xy + a_wh / 2, b_low = b_xy - b_wh / 2, b_high = b_xy + b_wh / 2;
  const auto common = area((torch::min(a_high, b_high) - torch::max(a_low, b_low)).clamp_min(0));
  const auto together = area(a_wh) + area(b_wh) - common + 1e-6;
  const auto around = area(torch::max(a_high, b_high) - torch::min(a_low, b_low)) + 1e-6;
  return 1 - common / together + (around - together) / around;
}

class DetectTraining final : public DetectLearner {
 public:
  DetectTraining(const DetectNetConfig& config, DetectFeed& feed) : config_(config), feed_(feed) {
    prepare_torch(config.seed, config.threads);
    net_ = DetectNet(config.channels, config.classes);
    average_ = DetectNet(config.channels, config.classes);
    weights_from_bytes(*average_, weights_to_bytes(*net_));
    optimizer_ = std::make_unique<torch::optim::AdamW>(decay_groups(*net_, kWeightDecay));
    lay_grid();
  }

  double train_epoch(int epoch, Pace& pace) override {
    net_->train();
    double sum = 0;
    int done = 0;
    const int batches = feed_.batches();
    for (int i = 0; i < batches && !pace.stop(); ++i) {
      const DetectBatch batch = feed_.batch(epoch, i);
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
    std::vector<std::vector<float>> outputs;
    const std::size_t each = picture_size();
    for (int first = 0; first < feed_.held_out(); first += kEvaluationBatch) {
      const int count = std::min(kEvaluationBatch, feed_.held_out() - first);
      std::vector<float> pictures;
      pictures.reserve(each * static_cast<std::size_t>(count));
      for (int i = 0; i < count; ++i) {
        const std::vector<float>& picture = feed_.held_out_picture(first + i);
        pictures.insert(pictures.end(), picture.begin(), picture.end());
      }
      const torch::Tensor out = run(pictures, count);
      const std::size_t size = static_cast<std::size_t>(out.numel() / count);
      for (int i = 0; i < count; ++i) {
        const float* values = out.data_ptr<float>() + static_cast<std::size_t>(i) * size;
        outputs.emplace_back(values, values + size);
      }
    }
    return feed_.judge(outputs);
  }

  std::string state() const override { return training_to_bytes(*net_, *optimizer_, *average_); }

  void restore(const std::string& state) override { training_from_bytes(*net_, *optimizer_, *average_, state); }

  std::string weights() const override { return weights_to_bytes(*average_); }

  void use_weights(const std::string& weights) override { weights_from_bytes(*average_, weights); }

  std::string to_onnx() override {
    OnnxGraph graph("detect");
    const std::string x = graph.input("images", {OnnxGraph::kAnyBatch, 3, config_.height, config_.width});
    graph.output(average_->to_onnx(graph, x), "output",
                 {OnnxGraph::kAnyBatch, static_cast<std::int64_t>(cells_.size()), values()});
    return graph.bytes();
  }

  std::vector<float> predict(const std::vector<float>& picture) override {
    const torch::Tensor out = run(picture, 1);
    return {out.data_ptr<float>(), out.data_ptr<float>() + out.numel()};
  }

 private:
  std::int64_t values() const { return kBoxValues + 1 + config_.classes; }

  std::size_t picture_size() const { return std::size_t{3} * static_cast<std::size_t>(config_.height * config_.width); }

  void lay_grid() {
    std::vector<float> corners, strides;
    for (const int stride : kDetectStrides) {
      for (int y = 0; y < config_.height / stride; ++y) {
        for (int x = 0; x < config_.width / stride; ++x) {
          const auto s = static_cast<float>(stride);
          cells_.push_back({(static_cast<float>(x) + 0.5F) * s, (static_cast<float>(y) + 0.5F) * s, s});
          corners.insert(corners.end(), {static_cast<float>(x), static_cast<float>(y)});
          strides.push_back(s);
        }
      }
    }
    const auto count = static_cast<std::int64_t>(cells_.size());
    corners_ = torch::tensor(corners).view({1, count, 2});
    strides_ = torch::tensor(strides).view({1, count, 1});
  }

  /// Boxes [N,cells,4] in pixels.
  torch::Tensor boxes_of(const torch::Tensor& out) const {
    return torch::cat(
        {(out.slice(2, 0, 2) + corners_) * strides_, out.slice(2, 2, 4).clamp_max(kLargestLogSize).exp() * strides_},
        2);
  }

  torch::Tensor run(const std::vector<float>& pictures, int count) {
    const torch::NoGradGuard no_grad;
    average_->eval();
    const torch::Tensor x = torch::from_blob(const_cast<float*>(pictures.data()),
                                             {count, 3, config_.height, config_.width}, torch::kFloat32);
    const torch::Tensor out = average_(x);
    return torch::cat({out.slice(2, 0, kBoxValues), out.slice(2, kBoxValues).sigmoid()}, 2).contiguous();
  }

  double step(const DetectBatch& batch) {
    const torch::Tensor x = torch::from_blob(const_cast<float*>(batch.pictures.data()),
                                             {batch.size, 3, config_.height, config_.width}, torch::kFloat32);
    const torch::Tensor out = net_(x);
    const torch::Tensor boxes = boxes_of(out);
    const Lesson lesson = teach(boxes.detach(), out.detach(), batch.targets);
    const torch::Tensor scores = out.slice(2, kBoxValues).reshape({-1, 1 + config_.classes});
    torch::Tensor loss = torch::binary_cross_entropy_with_logits(scores.select(1, 0), lesson.there, lesson.certainty,
                                                                 {}, torch::Reduction::Sum);
    if (lesson.cells.numel() > 0) {
      const torch::Tensor found = boxes.reshape({-1, kBoxValues}).index_select(0, lesson.cells);
      loss = loss + kBoxWeight * box_loss(found, lesson.boxes).sum();
      loss = loss + torch::binary_cross_entropy_with_logits(scores.slice(1, 1).index_select(0, lesson.cells),
                                                            lesson.labels, {}, {}, torch::Reduction::Sum);
    }
    loss = loss / lesson.positives;
    const double value = loss.item<double>();
    if (!std::isfinite(value)) throw std::runtime_error("the loss is not a number; try a lower learning_rate");
    optimizer_->zero_grad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(net_->parameters(), kLargestGradient);
    optimizer_->step();
    return value;
  }

  Lesson teach(const torch::Tensor& boxes, const torch::Tensor& out, const std::vector<std::vector<Target>>& targets) {
    const torch::Tensor now = boxes.contiguous();
    const torch::Tensor scores = out.slice(2, kBoxValues).sigmoid().contiguous();
    const std::size_t count = cells_.size(), classes = static_cast<std::size_t>(config_.classes);
    std::vector<std::int64_t> places;
    std::vector<float> wanted, labels, there(count * targets.size()), certainty(count * targets.size(), 1.0F);
    for (std::size_t n = 0; n < targets.size(); ++n) {
      const Assignment lesson =
          assign(cells_, now.data_ptr<float>() + n * count * kBoxValues,
                 scores.data_ptr<float>() + n * count * (1 + classes), config_.classes, targets[n]);
      for (std::size_t i = 0; i < count; ++i) {
        if (lesson.target_of[i] == Assignment::kIgnored) certainty[n * count + i] = 0;
        if (lesson.target_of[i] < 0) continue;
        const Target& target = targets[n][static_cast<std::size_t>(lesson.target_of[i])];
        places.push_back(static_cast<std::int64_t>(n * count + i));
        there[n * count + i] = 1;
        wanted.insert(wanted.end(), {target.cx, target.cy, target.width, target.height});
        for (std::size_t c = 0; c < classes; ++c)
          labels.push_back(static_cast<int>(c) == target.label ? lesson.iou_of[i] : 0.0F);
      }
    }
    const auto positives = static_cast<std::int64_t>(places.size());
    return {torch::tensor(places, torch::kInt64),
            torch::tensor(wanted).view({positives, kBoxValues}),
            torch::tensor(labels).view({positives, static_cast<std::int64_t>(classes)}),
            torch::tensor(there),
            torch::tensor(certainty),
            std::max(1.0, static_cast<double>(positives))};
  }

  DetectNetConfig config_;
  DetectFeed& feed_;
  DetectNet net_{nullptr}, average_{nullptr};
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::vector<Cell> cells_;
  torch::Tensor corners_, strides_;
};

}  // namespace

std::unique_ptr<DetectLearner> make_detect_learner(const DetectNetConfig& config, DetectFeed& feed) {
  return std::make_unique<DetectTraining>(config, feed);
}

}  // namespace perch::trainer
