#include "decoder/yolox.hpp"

#include <algorithm>
#include <cmath>

#include "seam/registry.hpp"
#include "vision/grid.hpp"
#include "vision/nms.hpp"
#include "vision/tensor_check.hpp"

namespace perch::decoder::yolox {

namespace {

constexpr int kBoxAndObjectness = 5;
constexpr std::string_view kForm = "[batch, grid cells, 5 + classes]";

constexpr auto kFields = config::fields<Config>(
    config::field("min_score", &Config::min_score).range(0.0, 1.0).help("findings below this score are dropped"),
    config::field("nms_iou", &Config::nms_iou)
        .range(0.0, 1.0)
        .help("of two boxes of a label that overlap more than this, the better one is kept"),
    config::field("max_detections", &Config::max_detections).range(1, 10000).help("the best are kept"),
    config::field("clip", &Config::clip).help("whether boxes are cut at the edge of the picture or region"),
    config::field("strides", &Config::strides).range(1, 8).unit("px").help("sizes of the model's grid cells"));

class Yolox : public Decoder {
 public:
  Yolox(const Config& config, std::vector<vision::GridLevel> levels, std::size_t output, std::int64_t width)
      : config_(config),
        levels_(std::move(levels)),
        output_(output),
        wanted_{vision::kAny, vision::cell_count(levels_), width} {}

  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    PERCH_TRY(const TensorView* output, vision::checked_output(tensors, output_, wanted_, placements.size()));
    PERCH_CHECK(vision::expect_numbers(*output));
    if (output->dim(2) <= kBoxAndObjectness) return vision::wrong_shape(output->name, output->shape, kForm);
    const vision::Suppression how{config_.nms_iou, false, config_.max_detections};
    std::vector<vision::Candidate> candidates;
    for (std::size_t i = 0; i < placements.size(); ++i) {
      candidates.clear();
      collect(output->of_batch(static_cast<std::int64_t>(i)), static_cast<std::size_t>(output->dim(2)), candidates);
      vision::append_detections(candidates, how, placements[i], config_.clip, out);
    }
    return {};
  }

 private:
  void collect(std::span<const float> values, std::size_t width, std::vector<vision::Candidate>& candidates) const {
    std::size_t at = 0;
    for (const vision::GridLevel& level : levels_) {
      const auto stride = static_cast<float>(level.stride);
      for (int y = 0; y < level.rows; ++y) {
        for (int x = 0; x < level.cols; ++x, at += width) {
          const std::span<const float> cell = values.subspan(at, width);
          const float objectness = cell[4];
          if (!(objectness >= config_.min_score)) continue;  // no class can lift it; false for NaN too
          const auto best = std::max_element(cell.begin() + kBoxAndObjectness, cell.end());
          const float score = objectness * *best;
          if (!(score >= config_.min_score)) continue;
          const float w = std::exp(cell[2]) * stride, h = std::exp(cell[3]) * stride;
          const float cx = (cell[0] + static_cast<float>(x)) * stride, cy = (cell[1] + static_cast<float>(y)) * stride;
          candidates.push_back(
              {{cx - w / 2, cy - h / 2, w, h}, score, static_cast<int>(best - cell.begin()) - kBoxAndObjectness});
        }
      }
    }
  }

  Config config_;
  std::vector<vision::GridLevel> levels_;
  std::size_t output_;
  std::array<std::int64_t, 3> wanted_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model) {
  PERCH_TRY(std::vector<vision::GridLevel> levels, vision::grid_levels(model.input, config.strides));
  const std::array<std::int64_t, 3> form{vision::kAny, vision::cell_count(levels), vision::kAny};
  PERCH_TRY(const std::size_t output, vision::output_shaped(model, form, kForm));
  const TensorInfo& info = model.outputs[output];
  std::int64_t width = info.shape[2];
  if (width >= 0 && width <= kBoxAndObjectness) return vision::wrong_shape(info.name, info.shape, kForm);
  if (width >= 0) PERCH_CHECK(vision::expect_labels(width - kBoxAndObjectness, model.labels, "classes"));
  if (width < 0 && !model.labels.empty()) width = kBoxAndObjectness + static_cast<std::int64_t>(model.labels.size());
  return std::make_unique<Yolox>(config, std::move(levels), output, width);
}

void describe(Registry& registry) {
  registry.decoder("yolox", "boxes of YOLOX detectors, one output [batch, cells, 5 + classes] not decoded", kFields,
                   &create);
}

}  // namespace perch::decoder::yolox
