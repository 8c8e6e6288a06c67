#include "decoder/pose.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "seam/registry.hpp"
#include "vision/tensor_check.hpp"

namespace perch::decoder::pose {

namespace {

constexpr std::size_t kValuesAPoint = 3;
constexpr std::string_view kForm = "[batch, 1, points, 3]";

constexpr auto kFields = config::fields<Config>(config::field("min_score", &Config::min_score)
                                                    .range(0.0, 1.0)
                                                    .help("bodies whose points' mean score is below this are dropped"));

class BodyPose : public Decoder {
 public:
  BodyPose(const Config& config, image::Size input, std::size_t output, const std::array<std::int64_t, 4>& wanted)
      : config_(config),
        input_(input),
        output_(output),
        wanted_(wanted) {}

  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    PERCH_TRY(const TensorView* output, vision::checked_output(tensors, output_, wanted_, placements.size()));
    PERCH_CHECK(vision::expect_numbers(*output));
    for (std::size_t i = 0; i < placements.size(); ++i)
      append(output->of_batch(static_cast<std::int64_t>(i)), placements[i], out);
    return {};
  }

 private:
  void append(std::span<const float> values, const Placement& placement, Findings& out) const {
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) return;
    Pose pose{placement.region, 0, {}};
    for (std::size_t at = 0; at < values.size(); at += kValuesAPoint) {
      const Point in_input{values[at + 1] * static_cast<float>(input_.width),
                           values[at] * static_cast<float>(input_.height)};
      const Point in_frame = placement.map(in_input);
      if (!std::isfinite(in_frame.x) || !std::isfinite(in_frame.y)) return;
      pose.points.push_back({in_frame, std::clamp(values[at + 2], 0.0F, 1.0F)});
      pose.score += pose.points.back().score;
    }
    pose.score /= static_cast<float>(pose.points.size());
    if (pose.score >= config_.min_score) out.poses.push_back(std::move(pose));
  }

  Config config_;
  image::Size input_;
  std::size_t output_;
  std::array<std::int64_t, 4> wanted_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model) {
  std::array<std::int64_t, 4> wanted{vision::kAny, 1, vision::kAny, kValuesAPoint};
  PERCH_TRY(const std::size_t output, vision::output_shaped(model, wanted, kForm));
  wanted[2] = model.outputs[output].shape[2];
  PERCH_CHECK(vision::expect_labels(wanted[2], model.labels, "keypoints"));
  if (wanted[2] < 0 && !model.labels.empty()) wanted[2] = static_cast<std::int64_t>(model.labels.size());
  return std::make_unique<BodyPose>(config, model.input, output, wanted);
}

void describe(Registry& registry) {
  registry.decoder("pose", "one body a region, as MoveNet: one output [batch, 1, points, 3]", kFields, &create);
}

}  // namespace perch::decoder::pose
