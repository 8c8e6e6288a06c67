#include "analysis/detect.hpp"

#include <algorithm>

#include "seam/registry.hpp"
#include "vision/counting.hpp"
#include "vision/nms.hpp"

namespace perch::analysis::detect {

namespace {

constexpr auto kFields = config::fields<Config>(
    config::field("labels", &Config::labels).help("what is counted; default: every label of the model"),
    config::field("min_score", &Config::min_score)
        .range(0.0, 1.0)
        .help("findings below this score are not counted; the model's own threshold comes first"),
    config::field("min_side", &Config::min_side)
        .at_least(0.0)
        .unit("px")
        .help("boxes whose shorter side is less are not counted"),
    config::field("min_area", &Config::min_area).at_least(0.0).unit("px²").help("smaller boxes are not counted"),
    config::field("max_area", &Config::max_area).at_least(0.0).unit("px²").help("larger boxes are not counted"),
    config::field("include", &Config::include).help("count only where a box's centre lies inside one of these masks"),
    config::field("exclude", &Config::exclude).help("do not count where a box's centre lies inside one of these masks"),
    config::field("merge", &Config::merge)
        .range(0.0, 1.0)
        .help("for overlapping regions: two boxes of a label from different regions that share more than this part of "
              "the smaller one are the same object"));

class Detect : public Analysis {
 public:
  Detect(const Config& config, vision::LabelSlots labels, std::vector<vision::Polygon> include,
         std::vector<vision::Polygon> exclude)
      : config_(config),
        labels_(std::move(labels)),
        include_(std::move(include)),
        exclude_(std::move(exclude)) {
    for (const std::string& name : labels_.names()) outputs_.push_back({name, "", OutputKind::gauge, 0});
  }

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings& findings) override {
    Observation observation;
    observation.stamp = frame.stamp;
    std::vector<Detection>& kept = observation.findings.detections;
    std::copy_if(findings.detections.begin(), findings.detections.end(), std::back_inserter(kept),
                 [&](const Detection& d) { return counts(d); });
    if (config_.merge) vision::merge_regions(kept, *config_.merge);

    std::vector<std::int64_t> counts_of(outputs_.size(), 0);
    observation.confidence = 1;
    for (const Detection& d : kept) {
      ++counts_of[static_cast<std::size_t>(labels_.of(d.label))];
      observation.confidence = std::min(observation.confidence, d.score);
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) observation.values.push_back({outputs_[i].name, counts_of[i]});
    return observation;
  }

 private:
  bool counts(const Detection& d) const {
    const Box& box = d.box_px;
    if (labels_.of(d.label) < 0 || !(d.score >= config_.min_score)) return false;
    if (std::min(box.width, box.height) < config_.min_side || box.area() < config_.min_area) return false;
    if (config_.max_area && box.area() > *config_.max_area) return false;
    const auto holds_center = [&](const vision::Polygon& mask) { return vision::contains(mask, box.center()); };
    if (!include_.empty() && std::none_of(include_.begin(), include_.end(), holds_center)) return false;
    return std::none_of(exclude_.begin(), exclude_.end(), holds_center);
  }

  Config config_;
  vision::LabelSlots labels_;
  std::vector<vision::Polygon> include_, exclude_;
  std::vector<Output> outputs_;
};

}  // namespace

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context) {
  PERCH_TRY(vision::LabelSlots labels, vision::LabelSlots::create(config.labels, context.labels));
  PERCH_TRY(std::vector<vision::Polygon> include, vision::read_polygons("include", "mask", config.include));
  PERCH_TRY(std::vector<vision::Polygon> exclude, vision::read_polygons("exclude", "mask", config.exclude));
  return std::make_unique<Detect>(config, std::move(labels), std::move(include), std::move(exclude));
}

void describe(Registry& registry) {
  registry.analysis("detect", "counts what a detector finds, by label", FindingKind::detections, kFields, &create);
}

}  // namespace perch::analysis::detect
