#include "analysis/detect.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "seam/registry.hpp"
#include "vision/nms.hpp"
#include "vision/polygon.hpp"

namespace perch::analysis::detect {

namespace {

constexpr std::string_view kMaskHelp =
    "masks in px: 4 numbers are x, y, width, height, 6 or more are corners x, y, x, y, …";

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

Result<std::vector<vision::Polygon>> read_masks(std::string_view key, const std::vector<std::vector<float>>& lists) {
  std::vector<vision::Polygon> masks;
  for (const std::vector<float>& numbers : lists) {
    vision::Polygon mask;
    if (numbers.size() == 4) {
      const Quad corners = Quad::from_box({numbers[0], numbers[1], numbers[2], numbers[3]});
      mask.assign(corners.corners.begin(), corners.corners.end());
    } else {
      for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) mask.push_back({numbers[i], numbers[i + 1]});
    }
    if (numbers.size() % 2 != 0 || mask.size() < 3)
      return fail(Errc::invalid, fmt::format("mask {} has {} numbers", masks.size() + 1, numbers.size()),
                  std::string(key), std::string(kMaskHelp));
    if (!(vision::area(mask) > 0))
      return fail(Errc::invalid, fmt::format("mask {} has no area", masks.size() + 1), std::string(key),
                  std::string(kMaskHelp));
    masks.push_back(std::move(mask));
  }
  return masks;
}

/// Which output a label of the model is counted in; -1: none.
using Slots = std::vector<int>;

Result<Slots> find_labels(const std::vector<std::string>& wanted, const std::vector<std::string>& labels) {
  Slots slots(labels.size(), -1);
  if (!wanted.empty() && labels.empty())
    return fail(Errc::mismatch, "the task's model has no labels to choose from", "labels",
                "name the model's labels in its card");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto found = std::find(labels.begin(), labels.end(), wanted[i]);
    if (found == labels.end())
      return fail(Errc::not_found, fmt::format("the model has no label '{}'", printable(wanted[i], 60)), "labels",
                  suggest(wanted[i], labels));
    int& slot = slots[static_cast<std::size_t>(found - labels.begin())];
    if (slot >= 0) return fail(Errc::invalid, fmt::format("the label '{}' is listed twice", wanted[i]), "labels");
    slot = static_cast<int>(i);
  }
  if (wanted.empty())
    for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = static_cast<int>(i);
  return slots;
}

class Detect : public Analysis {
 public:
  Detect(const Config& config, Slots slots, std::vector<std::string> names, std::vector<vision::Polygon> include,
         std::vector<vision::Polygon> exclude)
      : config_(config),
        slots_(std::move(slots)),
        include_(std::move(include)),
        exclude_(std::move(exclude)) {
    for (std::string& name : names) outputs_.push_back({std::move(name), "", OutputKind::gauge, 0});
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
      ++counts_of[static_cast<std::size_t>(slot_of(d.label))];
      observation.confidence = std::min(observation.confidence, d.score);
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) observation.values.push_back({outputs_[i].name, counts_of[i]});
    return observation;
  }

 private:
  /// The place of the label's output; -1: it is not counted.
  int slot_of(LabelId label) const {
    if (slots_.empty()) return 0;
    const bool known = label.value >= 0 && static_cast<std::size_t>(label.value) < slots_.size();
    return known ? slots_[static_cast<std::size_t>(label.value)] : -1;
  }

  bool counts(const Detection& d) const {
    const Box& box = d.box_px;
    if (slot_of(d.label) < 0 || !(d.score >= config_.min_score)) return false;
    if (std::min(box.width, box.height) < config_.min_side || box.area() < config_.min_area) return false;
    if (config_.max_area && box.area() > *config_.max_area) return false;
    const auto holds_center = [&](const vision::Polygon& mask) { return vision::contains(mask, box.center()); };
    if (!include_.empty() && std::none_of(include_.begin(), include_.end(), holds_center)) return false;
    return std::none_of(exclude_.begin(), exclude_.end(), holds_center);
  }

  Config config_;
  Slots slots_;  ///< empty: the model has no labels, everything is counted in one output
  std::vector<vision::Polygon> include_, exclude_;
  std::vector<Output> outputs_;
};

}  // namespace

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context) {
  PERCH_TRY(Slots slots, find_labels(config.labels, context.labels));
  PERCH_TRY(std::vector<vision::Polygon> include, read_masks("include", config.include));
  PERCH_TRY(std::vector<vision::Polygon> exclude, read_masks("exclude", config.exclude));
  std::vector<std::string> names = config.labels.empty() ? context.labels : config.labels;
  if (names.empty()) names.emplace_back("objects");
  return std::make_unique<Detect>(config, std::move(slots), std::move(names), std::move(include), std::move(exclude));
}

void describe(Registry& registry) {
  registry.analysis("detect", "counts what a detector finds, by label", kFields, &create);
}

}  // namespace perch::analysis::detect
