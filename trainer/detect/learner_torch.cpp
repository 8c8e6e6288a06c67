#include <algorithm>

#include "core/batch_learner_torch.hpp"
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

class DetectTraining final : public BatchLearner<DetectLearner, DetectFeed, DetectNet> {
 public:
  DetectTraining(const DetectNetConfig& config, DetectFeed& feed)
      : BatchLearner(feed, learning(config), [&] { return DetectNet(config.channels, config.classes); }),
        config_(config) {
    lay_grid();
  }

  std::string to_onnx() override {
    OnnxGraph graph("detect");
    const std::string x = graph.input("images", {OnnxGraph::kAnyBatch, 3, config_.height, config_.width});
    graph.output(average()->to_onnx(graph, x), "output",
                 {OnnxGraph::kAnyBatch, static_cast<std::int64_t>(cells_.size()), values()});
    return graph.bytes();
  }

 protected:
  torch::Tensor answer(const torch::Tensor& pictures) override {
    const torch::Tensor out = average()(pictures);
    return torch::cat({out.slice(2, 0, kBoxValues), out.slice(2, kBoxValues).sigmoid()}, 2);
  }

  torch::Tensor loss_of(const DetectBatch& batch) override {
    const torch::Tensor out = net()(tensor_of(batch.pictures, batch.size));
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
    return loss / lesson.positives;
  }

 private:
  std::int64_t values() const { return kBoxValues + 1 + config_.classes; }

  static BatchLearning learning(const DetectNetConfig& config) {
    return {config.learning_rate, kWeightDecay,     kAverageDecay,
            kLargestGradient,     kEvaluationBatch, {3, config.height, config.width},
            config.seed,          config.threads};
  }

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
  std::vector<Cell> cells_;
  torch::Tensor corners_, strides_;
};

}  // namespace

std::unique_ptr<DetectLearner> make_detect_learner(const DetectNetConfig& config, DetectFeed& feed) {
  return std::make_unique<DetectTraining>(config, feed);
}

}  // namespace perch::trainer
