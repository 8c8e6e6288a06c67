#include "decoder/nanodet.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "seam/registry.hpp"
#include "vision/grid.hpp"
#include "vision/nms.hpp"
#include "vision/tensor_check.hpp"

namespace perch::decoder::nanodet {

namespace {

constexpr int kSides = 4;

constexpr auto kFields = config::fields<Config>(
    config::field("min_score", &Config::min_score).range(0.0, 1.0).help("findings below this score are dropped"),
    config::field("nms_iou", &Config::nms_iou)
        .range(0.0, 1.0)
        .help("of two boxes of a label that overlap more than this, the better one is kept"),
    config::field("max_detections", &Config::max_detections).range(1, 10000).help("the best are kept"),
    config::field("clip", &Config::clip).help("whether boxes are cut at the edge of the picture or region"),
    config::field("bins", &Config::bins).range(2, 64).help("entries of the distribution of each side's distance"),
    config::field("centre", &Config::centre).help("of a cell: (cell + 1/2) strides, or half a pixel less"),
    config::field("strides", &Config::strides).range(1, 8).unit("px").help("sizes of the model's grid cells"));

/// A grid with the places of its two outputs.
struct Head {
  vision::GridLevel level;
  std::size_t scores = 0;
  std::size_t distances = 0;
};

/// The mean of a distribution over 0, 1 … n − 1 that is given by its logits.
float mean_distance(std::span<const float> logits) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  float sum = 0, weighted = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float p = std::exp(logits[i] - highest);
    sum += p;
    weighted += p * static_cast<float>(i);
  }
  return weighted / sum;
}

class Nanodet : public Decoder {
 public:
  Nanodet(const Config& config, std::vector<Head> heads, std::int64_t classes)
      : config_(config),
        heads_(std::move(heads)),
        classes_(classes) {}

  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    std::vector<std::vector<vision::Candidate>> candidates(placements.size());
    for (const Head& head : heads_) {
      const std::array<std::int64_t, 3> score_shape{vision::kAny, head.level.cells(), classes_};
      const std::array<std::int64_t, 3> distance_shape{vision::kAny, head.level.cells(), kSides * config_.bins};
      PERCH_TRY(const TensorView* scores, vision::checked_output(tensors, head.scores, score_shape, placements.size()));
      PERCH_CHECK(vision::expect_numbers(*scores));
      PERCH_TRY(const TensorView* distances,
                vision::checked_output(tensors, head.distances, distance_shape, placements.size()));
      for (std::size_t i = 0; i < placements.size(); ++i) {
        const auto element = static_cast<std::int64_t>(i);
        collect(head.level, scores->of_batch(element), distances->of_batch(element), candidates[i]);
      }
    }
    const vision::Suppression how{config_.nms_iou, false, config_.max_detections};
    for (std::size_t i = 0; i < placements.size(); ++i)
      vision::append_detections(candidates[i], how, placements[i], config_.clip, out);
    return {};
  }

 private:
  void collect(const vision::GridLevel& level, std::span<const float> scores, std::span<const float> distances,
               std::vector<vision::Candidate>& candidates) const {
    const std::size_t classes = scores.size() / static_cast<std::size_t>(level.cells());
    const auto bins = static_cast<std::size_t>(config_.bins);
    const auto stride = static_cast<float>(level.stride);
    const float to_centre = (config_.centre == Centre::half ? stride : stride - 1) / 2;
    std::size_t cell = 0;
    for (int y = 0; y < level.rows; ++y) {
      for (int x = 0; x < level.cols; ++x, ++cell) {
        const std::span<const float> row = scores.subspan(cell * classes, classes);
        const auto best = std::max_element(row.begin(), row.end());
        if (!(*best >= config_.min_score)) continue;
        std::array<float, kSides> side{};
        for (std::size_t i = 0; i < kSides; ++i)
          side[i] = mean_distance(distances.subspan((cell * kSides + i) * bins, bins)) * stride;
        const float cx = static_cast<float>(x) * stride + to_centre, cy = static_cast<float>(y) * stride + to_centre;
        candidates.push_back({Box::from_corners(cx - side[0], cy - side[1], cx + side[2], cy + side[3]), *best,
                              static_cast<int>(best - row.begin())});
      }
    }
  }

  Config config_;
  std::vector<Head> heads_;
  std::int64_t classes_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model) {
  PERCH_TRY(const std::vector<vision::GridLevel> levels, vision::grid_levels(model.input, config.strides));
  std::int64_t classes = model.labels.empty() ? vision::kAny : static_cast<std::int64_t>(model.labels.size());
  std::vector<Head> heads;
  for (const vision::GridLevel& level : levels) {
    PERCH_TRY(const std::size_t scores, vision::output_named(model, fmt::format("cls_pred_stride_{}", level.stride)));
    PERCH_TRY(const std::size_t distances,
              vision::output_named(model, fmt::format("dis_pred_stride_{}", level.stride)));
    const TensorInfo& score_info = model.outputs[scores];
    const std::array<std::int64_t, 3> score_form{vision::kAny, level.cells(), vision::kAny};
    if (!vision::fits(score_info.shape, score_form) || score_info.shape[2] == 0)
      return vision::wrong_shape(score_info.name, score_info.shape, vision::shape_text(score_form));
    PERCH_CHECK(vision::expect_labels(score_info.shape[2], model.labels, "classes"));
    if (score_info.shape[2] > 0) classes = score_info.shape[2];
    const TensorInfo& distance_info = model.outputs[distances];
    const std::array<std::int64_t, 3> distance_form{vision::kAny, level.cells(), kSides * config.bins};
    if (!vision::fits(distance_info.shape, distance_form))
      return vision::wrong_shape(distance_info.name, distance_info.shape, vision::shape_text(distance_form));
    heads.push_back({level, scores, distances});
  }
  return std::make_unique<Nanodet>(config, std::move(heads), classes);
}

void describe(Registry& registry) {
  registry.decoder("nanodet", "boxes of NanoDet detectors, outputs cls_pred_stride_* and dis_pred_stride_*", kFields,
                   &create);
}

}  // namespace perch::decoder::nanodet
