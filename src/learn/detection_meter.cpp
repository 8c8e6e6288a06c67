#include "learn/detection_meter.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace perch::learn {

std::vector<TrueThing> things_of(const Sample& sample, std::span<const std::string> labels, const CountingRule& rule,
                                 double scale) {
  std::vector<TrueThing> things;
  for (const Label& label : sample.labels) {
    const auto found = std::ranges::find(labels, label.category);
    if (found == labels.end()) continue;
    const auto index = static_cast<int>(found - labels.begin());
    const double* visible = find_attribute<double>(label.attributes, "visible");
    const double least = static_cast<double>(std::min(label.box_px.width, label.box_px.height)) * scale;
    const bool shows = (!visible || *visible >= rule.least_visible) && least >= rule.least_px;
    things.push_back({index, label.box_px, shows && !is_crowd(label)});
  }
  return things;
}

std::string to_text(const CountingRule& rule) {
  std::string text = "F1 at IoU 0.5";
  if (rule.least_visible > 0)
    text += fmt::format("; things of which less than {:.0f} % shows do not count", rule.least_visible * 100);
  if (rule.least_px > 0)
    text += fmt::format("; nor do those under {:.0f} px a side in the model's input", rule.least_px);
  return text;
}

std::vector<std::string> conditions_of(const Sample& sample) {
  std::vector<std::string> conditions;
  for (const Attribute& attribute : sample.attributes) {
    if (attribute.name == "split" || attribute.name == "group") continue;
    if (const auto* text = std::get_if<std::string>(&attribute.value))
      conditions.push_back(attribute.name + "=" + *text);
    if (const bool* flag = std::get_if<bool>(&attribute.value))
      conditions.push_back(attribute.name + (*flag ? "=yes" : "=no"));
  }
  const auto* weather = find_attribute<std::string>(sample.attributes, "weather");
  const auto* light = find_attribute<std::string>(sample.attributes, "light");
  if (weather && light) conditions.push_back(fmt::format("weather={} light={}", *weather, *light));
  return conditions;
}

void DetectionMeter::add(const std::string& picture, std::span<const Detection> detections,
                         std::span<const TrueThing> things, std::span<const std::string> conditions) {
  const Matching matching = match(detections, things);
  const auto tally = [&](Tally& into, int label) {
    for (std::size_t i = 0; i < detections.size(); ++i)
      if (matching.thing_of[i] != Matching::kIgnored && (label < 0 || detections[i].label.value == label))
        into.answers.push_back({detections[i].score, matching.thing_of[i] >= 0});
    for (const TrueThing& thing : things) into.there += thing.counts && (label < 0 || thing.label == label) ? 1 : 0;
  };
  tally(all_, -1);
  for (std::size_t label = 0; label < labels_.size(); ++label)
    tally(of_label_[static_cast<int>(label)], static_cast<int>(label));
  for (const std::string& condition : conditions) tally(of_condition_[condition], -1);
  seen_.push_back({picture, {detections.begin(), detections.end()}, {things.begin(), things.end()}});
}

CurvePoint DetectionMeter::at(const Tally& tally, float threshold) {
  std::size_t right = 0, given = 0;
  for (const Answer& answer : tally.answers) {
    if (answer.score < threshold) continue;
    ++given;
    right += answer.right ? 1 : 0;
  }
  return {threshold, given > 0 ? static_cast<double>(right) / static_cast<double>(given) : 1,
          tally.there > 0 ? static_cast<double>(right) / static_cast<double>(tally.there) : 0};
}

void DetectionMeter::judge_picture(const Seen& seen, float threshold, TrainReport& report) const {
  std::vector<Detection> sure;
  std::ranges::copy_if(seen.detections, std::back_inserter(sure),
                       [&](const Detection& d) { return d.score >= threshold; });
  const Matching matching = match(sure, seen.things);
  const std::size_t nothing = labels_.size();
  std::vector<bool> confused(seen.things.size());
  const auto name = [&](int label) { return labels_[static_cast<std::size_t>(label)]; };
  for (std::size_t i = 0; i < sure.size(); ++i) {
    const auto called = static_cast<std::size_t>(sure[i].label.value);
    if (matching.thing_of[i] >= 0) ++report.confusion.at(called, called);
    if (matching.thing_of[i] != Matching::kNothing) continue;
    std::size_t is = nothing;
    for (std::size_t t = 0; t < seen.things.size() && is == nothing; ++t) {
      const TrueThing& thing = seen.things[t];
      if (!thing.counts || matching.found[t] || confused[t] || iou(thing.box_px, sure[i].box_px) < 0.5F) continue;
      confused[t] = true;
      is = static_cast<std::size_t>(thing.label);
    }
    ++report.confusion.at(is, called);
    report.mistakes.push_back({seen.picture,
                               is == nothing ? fmt::format("'{}' where nothing is", name(sure[i].label.value))
                                             : fmt::format("'{}' is called '{}'", labels_[is], labels_[called]),
                               static_cast<double>(sure[i].score), sure[i].box_px});
  }
  for (std::size_t t = 0; t < seen.things.size(); ++t) {
    const TrueThing& thing = seen.things[t];
    if (!thing.counts || matching.found[t] || confused[t]) continue;
    ++report.confusion.at(static_cast<std::size_t>(thing.label), nothing);
    float best = 0;  // of what was almost found
    for (const Detection& d : seen.detections)
      if (d.label.value == thing.label && iou(d.box_px, thing.box_px) >= 0.5F) best = std::max(best, d.score);
    report.mistakes.push_back(
        {seen.picture, fmt::format("'{}' not found", name(thing.label)), static_cast<double>(1 - best), thing.box_px});
  }
}

void DetectionMeter::write(float threshold, TrainReport& report) const {
  const CurvePoint all = at(all_, threshold);
  const auto there = [](const Tally& tally) { return static_cast<std::int64_t>(tally.there); };
  report.threshold = threshold;
  report.metrics.push_back({"F1", all.f1(), "", there(all_)});
  report.metrics.push_back({"precision", all.precision, "", there(all_)});
  report.metrics.push_back({"recall", all.recall, "", there(all_)});
  for (const auto& [label, tally] : of_label_)
    report.metrics.push_back({"F1", at(tally, threshold).f1(), labels_[static_cast<std::size_t>(label)], there(tally)});
  for (const auto& [condition, tally] : of_condition_)
    report.metrics.push_back({"F1", at(tally, threshold).f1(), condition, there(tally)});
  report.curves.push_back({"", curve(), all});
  for (const auto& [label, tally] : of_label_)
    if (labels_.size() > 1)
      report.curves.push_back({labels_[static_cast<std::size_t>(label)], precision_recall(tally.answers, tally.there),
                               at(tally, threshold)});
  std::vector<std::string> names = labels_;
  names.emplace_back("(nothing)");
  report.confusion = Confusion(std::move(names));
  for (const Seen& seen : seen_) judge_picture(seen, threshold, report);
  report.keep_worst();
}

}  // namespace perch::learn
