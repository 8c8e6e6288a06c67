#include "decoder/fastestdet.hpp"

#include <array>
#include <cmath>

#include "seam/registry.hpp"
#include "vision/nms.hpp"
#include "vision/probability.hpp"
#include "vision/tensor_check.hpp"

namespace perch::decoder::fastestdet {

namespace {

constexpr std::size_t kFirstClass = 5;
constexpr float kObjectnessPower = 0.6F;
constexpr float kClassPower = 0.4F;
constexpr std::string_view kForm = "[batch, 5 + classes, rows, columns]";

constexpr auto kFields = config::fields<Config>(
    config::field("min_score", &Config::min_score).range(0.0, 1.0).help("findings below this score are dropped"),
    config::field("nms_iou", &Config::nms_iou)
        .range(0.0, 1.0)
        .help("of two boxes of a label that overlap more than this, the better one is kept"),
    config::field("max_detections", &Config::max_detections).range(1, 10000).help("the best are kept"),
    config::field("clip", &Config::clip).help("whether boxes are cut at the edge of the picture or region"));

class FastestDet : public Decoder {
 public:
  FastestDet(const Config& config, image::Size input, std::size_t output, const std::array<std::int64_t, 4>& wanted)
      : config_(config),
        input_(input),
        output_(output),
        wanted_(wanted) {}

  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    PERCH_TRY(const TensorView* output, vision::checked_output(tensors, output_, wanted_, placements.size()));
    PERCH_CHECK(vision::expect_numbers(*output));
    if (output->dim(1) <= static_cast<std::int64_t>(kFirstClass))
      return vision::wrong_shape(output->name, output->shape, kForm);
    const vision::Suppression how{config_.nms_iou, false, config_.max_detections};
    std::vector<vision::Candidate> candidates;
    for (std::size_t i = 0; i < placements.size(); ++i) {
      candidates.clear();
      collect(output->of_batch(static_cast<std::int64_t>(i)), static_cast<std::size_t>(output->dim(2)),
              static_cast<std::size_t>(output->dim(3)), candidates);
      vision::append_detections(candidates, how, placements[i], config_.clip, out);
    }
    return {};
  }

 private:
  void collect(std::span<const float> values, std::size_t rows, std::size_t cols,
               std::vector<vision::Candidate>& candidates) const {
    const std::size_t cells = rows * cols, channels = values.size() / cells;
    const auto width = static_cast<float>(input_.width), height = static_cast<float>(input_.height);
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const auto channel = [&](std::size_t c) { return values[c * cells + cell]; };
      std::size_t best = kFirstClass;
      for (std::size_t c = kFirstClass + 1; c < channels; ++c)
        if (channel(c) > channel(best)) best = c;
      const float score = std::pow(channel(0), kObjectnessPower) * std::pow(channel(best), kClassPower);
      if (!(score >= config_.min_score)) continue;
      const float cx = (std::tanh(channel(1)) + static_cast<float>(cell % cols)) / static_cast<float>(cols) * width;
      const float cy = (std::tanh(channel(2)) + static_cast<float>(cell / cols)) / static_cast<float>(rows) * height;
      const float w = vision::sigmoid(channel(3)) * width, h = vision::sigmoid(channel(4)) * height;
      candidates.push_back({{cx - w / 2, cy - h / 2, w, h}, score, static_cast<int>(best - kFirstClass)});
    }
  }

  Config config_;
  image::Size input_;
  std::size_t output_;
  std::array<std::int64_t, 4> wanted_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model) {
  std::array<std::int64_t, 4> wanted{vision::kAny, vision::kAny, vision::kAny, vision::kAny};
  PERCH_TRY(const std::size_t output, vision::output_shaped(model, wanted, kForm));
  const TensorInfo& info = model.outputs[output];
  const auto first_class = static_cast<std::int64_t>(kFirstClass);
  if (info.shape[1] >= 0) {
    if (info.shape[1] <= first_class || info.shape[2] == 0 || info.shape[3] == 0)
      return vision::wrong_shape(info.name, info.shape, kForm);
    PERCH_CHECK(vision::expect_labels(info.shape[1] - first_class, model.labels, "classes"));
    wanted[1] = info.shape[1];
  } else if (!model.labels.empty()) {
    wanted[1] = first_class + static_cast<std::int64_t>(model.labels.size());
  }
  wanted[2] = info.shape[2];
  wanted[3] = info.shape[3];
  return std::make_unique<FastestDet>(config, model.input, output, wanted);
}

void describe(Registry& registry) {
  registry.decoder("fastestdet", "boxes of FastestDet detectors, one output [batch, 5 + classes, rows, columns]",
                   kFields, &create);
}

}  // namespace perch::decoder::fastestdet
