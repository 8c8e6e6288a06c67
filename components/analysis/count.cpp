#include "analysis/count.hpp"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "base/text.hpp"
#include "seam/registry.hpp"
#include "vision/counting.hpp"

template <>
struct perch::config::EnumNames<perch::analysis::count::By> {
  static constexpr std::array<std::string_view, 2> names{"point", "overlap"};
};

namespace perch::analysis::count {

namespace {

constexpr auto kZoneFields =
    config::fields<Zone>(config::field("name", &Zone::name).required().help("what its counts are called"),
                         config::field("area", &Zone::area)
                             .required()
                             .help("in px: 4 numbers are x, y, width, height, 6 or more are corners x, y, x, y, …"));

constexpr auto kFields = config::fields<Config>(
    config::field("labels", &Config::labels).help("what is counted; default: every label of the model"),
    config::field("min_score", &Config::min_score)
        .range(0.0, 1.0)
        .help("findings below this score are not counted; the model's own threshold comes first"),
    config::field("zones", &Config::zones, kZoneFields)
        .help("parts of the picture that are also counted by themselves"),
    config::field("slots", &Config::slots)
        .help("places for one thing each, such as parking slots, each a list like a zone's area: how many are taken"),
    config::field("by", &Config::by)
        .help("what says where a thing is: 'point', a point of its box (anchor); 'overlap', the share of its box that "
              "lies inside"),
    config::field("anchor", &Config::anchor)
        .range(0.0, 1.0)
        .help("that point's height in the box: 0 its top, 0.5 its centre, 1 its bottom, where people stand"),
    config::field("overlap", &Config::overlap)
        .range(0.01, 1.0)
        .help("for by = \"overlap\": at least this share of a box lies inside"),
    config::field("each_slot", &Config::each_slot).help("also tell of each slot whether it is taken"),
    config::field("smooth", &Config::smooth)
        .range(1, 99)
        .help("counts are the median of so many looks; 1: of this look alone"));

/// The median of the latest values of a number.
class Median {
 public:
  explicit Median(int looks) : looks_(static_cast<std::size_t>(looks)) {}

  std::int64_t add(std::int64_t value) {
    last_.push_back(value);
    if (last_.size() > looks_) last_.pop_front();
    // Of an even number the oldest is left out, so that there is a middle.
    std::vector<std::int64_t> sorted(last_.begin() + (last_.size() % 2 == 0 ? 1 : 0), last_.end());
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::ranges::nth_element(sorted, middle);
    return *middle;
  }

 private:
  std::size_t looks_;
  std::deque<std::int64_t> last_;
};

class Count final : public Analysis {
 public:
  Count(const Config& config, vision::LabelSlots labels, std::vector<vision::Polygon> zones,
        std::vector<vision::Polygon> slots, std::vector<Output> outputs)
      : config_(config),
        labels_(std::move(labels)),
        zones_(std::move(zones)),
        slots_(std::move(slots)),
        outputs_(std::move(outputs)),
        counts_(labels_.names().size() * (1 + zones_.size()), Median(config.smooth)),
        taken_(slots_.size(), Median(config.smooth)) {}

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings& findings) override {
    Observation seen;
    seen.stamp = frame.stamp;
    seen.confidence = 1;
    for (const Detection& d : findings.detections) {
      if (labels_.of(d.label) < 0 || !(d.score >= config_.min_score)) continue;
      seen.findings.detections.push_back(d);
      seen.confidence = std::min(seen.confidence, d.score);
    }
    add_counts(seen.findings.detections, seen.values);
    if (!slots_.empty()) add_slots(seen.findings.detections, seen.values);
    return seen;
  }

 private:
  /// 0: outside; else by how much inside.
  float inside(const Box& box, const vision::Polygon& area) const {
    if (config_.by == By::point)
      return vision::contains(area, {box.center().x, box.y + config_.anchor * box.height}) ? 1 : 0;
    const float share = vision::share_inside(box, area);
    return share >= config_.overlap ? share : 0;
  }

  void add_counts(const std::vector<Detection>& detections, std::vector<Value>& values) {
    const std::size_t labels = labels_.names().size();
    std::vector<std::int64_t> found(counts_.size(), 0);
    for (const Detection& d : detections) {
      const auto label = static_cast<std::size_t>(labels_.of(d.label));
      ++found[label];
      for (std::size_t zone = 0; zone < zones_.size(); ++zone)
        if (inside(d.box_px, zones_[zone]) > 0) ++found[labels * (1 + zone) + label];
    }
    for (std::size_t i = 0; i < found.size(); ++i) values.push_back({outputs_[i].name, counts_[i].add(found[i])});
  }

  /// Each thing takes the one slot that it is most inside of.
  void add_slots(const std::vector<Detection>& detections, std::vector<Value>& values) {
    std::vector<bool> found(slots_.size(), false);
    for (const Detection& d : detections) {
      float best = 0;
      std::size_t at = 0;
      for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        if (const float share = inside(d.box_px, slots_[slot]); share > best) {
          best = share;
          at = slot;
        }
      if (best > 0) found[at] = true;
    }
    std::int64_t occupied = 0;
    std::vector<bool> taken(slots_.size(), false);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      taken[i] = taken_[i].add(found[i] ? 1 : 0) > 0;
      if (taken[i]) ++occupied;
    }
    values.push_back({"occupied", occupied});
    values.push_back({"free", static_cast<std::int64_t>(slots_.size()) - occupied});
    if (!config_.each_slot) return;
    for (std::size_t i = 0; i < slots_.size(); ++i) values.push_back({fmt::format("slot_{}", i + 1), bool{taken[i]}});
  }

  Config config_;
  vision::LabelSlots labels_;
  std::vector<vision::Polygon> zones_, slots_;
  std::vector<Output> outputs_;
  std::vector<Median> counts_;  ///< as the first outputs: each label, then each label in each zone
  std::vector<Median> taken_;   ///< of each slot
};

std::vector<Output> outputs_of(const Config& config, const std::vector<std::string>& labels) {
  std::vector<Output> outputs;
  const auto gauge = [&](std::string name) { outputs.push_back({std::move(name), "", OutputKind::gauge, 0}); };
  for (const std::string& label : labels) gauge(label);
  for (const Zone& zone : config.zones)
    for (const std::string& label : labels) gauge(labels.size() == 1 ? zone.name : zone.name + "_" + label);
  if (config.slots.empty()) return outputs;
  gauge("occupied");
  gauge("free");
  for (std::size_t i = 0; config.each_slot && i < config.slots.size(); ++i)
    outputs.push_back({fmt::format("slot_{}", i + 1), "", OutputKind::flag, 0});
  return outputs;
}

}  // namespace

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context) {
  PERCH_TRY(vision::LabelSlots labels, vision::LabelSlots::create(config.labels, context.labels));
  PERCH_TRY(std::vector<vision::Polygon> slots, vision::read_polygons("slots", "slot", config.slots));
  std::vector<vision::Polygon> zones;
  for (const Zone& zone : config.zones) {
    if (zone.name.empty())
      return fail(Errc::invalid, "a zone has no name", "zones", "name it: its counts are called so");
    PERCH_TRY(vision::Polygon area,
              vision::read_polygon("zones", fmt::format("zone '{}'", printable(zone.name, 40)), zone.area));
    zones.push_back(std::move(area));
  }
  std::vector<Output> outputs = outputs_of(config, labels.names());
  for (std::size_t i = 0; i < outputs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (outputs[i].name == outputs[j].name)
        return fail(Errc::invalid, fmt::format("two counts would be called '{}'", printable(outputs[i].name, 60)),
                    "zones", "give the zone another name");
  return std::make_unique<Count>(config, std::move(labels), std::move(zones), std::move(slots), std::move(outputs));
}

void describe(Registry& registry) {
  registry.analysis("count", "counts what a detector finds, by label, in zones and in slots, smoothed over looks",
                    FindingKind::detections, kFields, &create);
}

}  // namespace perch::analysis::count
