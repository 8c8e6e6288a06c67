#include "decoder/anomaly.hpp"

#include <algorithm>
#include <cmath>

#include "seam/registry.hpp"
#include "vision/tensor_check.hpp"

namespace perch::decoder::anomaly {

namespace {

constexpr auto kFields =
    config::fields<Config>(config::field("threshold", &Config::threshold)
                               .range(1e-9, 1e9)
                               .help("the model's score where the unusual begins; findings are in units of it"));

/// Cells of one axis of the map whose centres lie in the content: from `first`, `count` of them, `step` pixels each.
struct Cells {
  int first = 0;
  int count = 0;
  float step = 1;

  float begin_px() const { return static_cast<float>(first) * step; }

  float end_px() const { return static_cast<float>(first + count) * step; }
};

Cells cells_within(float content_begin, float content_end, int cells, int input_px) {
  Cells found;
  found.step = static_cast<float>(input_px) / static_cast<float>(cells);
  for (int i = 0; i < cells; ++i) {
    const float centre = (static_cast<float>(i) + 0.5F) * found.step;
    if (centre < content_begin || centre > content_end) continue;
    if (found.count++ == 0) found.first = i;
  }
  return found;
}

class Anomaly : public Decoder {
 public:
  Anomaly(const Config& config, const ModelShape& model, std::size_t score, std::size_t map)
      : threshold_(config.threshold),
        input_(model.input),
        score_(score),
        map_(map) {}

  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    PERCH_TRY(const TensorView* score,
              vision::checked_output(tensors, score_, std::array<std::int64_t, 2>{vision::kAny, 1}, placements.size()));
    PERCH_TRY(
        const TensorView* map,
        vision::checked_output(tensors, map_, std::array<std::int64_t, 4>{vision::kAny, 1, vision::kAny, vision::kAny},
                               placements.size()));
    for (std::size_t i = 0; i < placements.size(); ++i) {
      const float value = score->of_batch(static_cast<std::int64_t>(i))[0];
      if (!std::isfinite(value)) continue;
      out.numbers.push_back({placements[i].region, "score", static_cast<double>(value / threshold_)});
      add_map(*map, i, placements[i], out);
    }
    return {};
  }

 private:
  void add_map(const TensorView& map, std::size_t element, const Placement& placement, Findings& out) const {
    constexpr float kThousandths = 1000;
    const int all_rows = static_cast<int>(map.dim(2)), all_cols = static_cast<int>(map.dim(3));
    const Box& content = placement.content_px;
    const Cells rows = cells_within(content.y, content.bottom(), all_rows, input_.height);
    const Cells cols = cells_within(content.x, content.right(), all_cols, input_.width);
    if (rows.count == 0 || cols.count == 0) return;
    Grid grid{placement.region, rows.count, cols.count, {}, {}};
    const std::span<const float> values = map.of_batch(static_cast<std::int64_t>(element));
    for (int y = rows.first; y < rows.first + rows.count; ++y)
      for (int x = cols.first; x < cols.first + cols.count; ++x) {
        const float value =
            values[static_cast<std::size_t>(y) * static_cast<std::size_t>(all_cols) + static_cast<std::size_t>(x)];
        if (!std::isfinite(value)) return;
        grid.value.push_back(std::round(value / threshold_ * kThousandths) / kThousandths);
      }
    grid.corners_px = Quad{
        {placement.map(Point{cols.begin_px(), rows.begin_px()}), placement.map(Point{cols.end_px(), rows.begin_px()}),
         placement.map(Point{cols.end_px(), rows.end_px()}), placement.map(Point{cols.begin_px(), rows.end_px()})}};
    out.grids.push_back(std::move(grid));
  }

  float threshold_;
  image::Size input_;
  std::size_t score_, map_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model) {
  PERCH_TRY(const std::size_t score, vision::output_named(model, "score"));
  PERCH_TRY(const std::size_t map, vision::output_named(model, "map"));
  const auto& score_shape = model.outputs[score].shape;
  const auto& map_shape = model.outputs[map].shape;
  if (!vision::fits(score_shape, std::array<std::int64_t, 2>{vision::kAny, 1}))
    return vision::wrong_shape("score", score_shape, "[batch, 1]");
  if (!vision::fits(map_shape, std::array<std::int64_t, 4>{vision::kAny, 1, vision::kAny, vision::kAny}))
    return vision::wrong_shape("map", map_shape, "[batch, 1, rows, cols]");
  return std::make_unique<Anomaly>(config, model, score, map);
}

void describe(Registry& registry) {
  registry.decoder("anomaly",
                   "how unusual a picture is, and where: outputs score [batch, 1], map [batch, 1, rows, cols]", kFields,
                   &create);
}

}  // namespace perch::decoder::anomaly
