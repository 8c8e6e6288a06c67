#include "analysis/state.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "seam/registry.hpp"

namespace perch::analysis::state {

namespace {

using namespace std::chrono_literals;

constexpr int kScoreDecimals = 4;

constexpr auto kFields = config::fields<Config>(
    config::field("enter", &Config::enter).range(0.0, 1.0).help("a state is entered when its score reaches this"),
    config::field("leave", &Config::leave).range(0.0, 1.0).help("and left when its score falls below this"),
    config::field("hold", &Config::hold).range(0ms, 24h).help("a change counts once it has lasted this long"),
    config::field("scores", &Config::scores).help("also give the score of each state"));

/// The state of one region. None is a state too: nothing is sure.
class Held {
 public:
  explicit Held(const Config& config) : config_(config) {}

  /// @returns the label's place; -1: none
  int update(std::span<const float> p, Nanoseconds at) {
    const int seen = look(p);
    if (seen == now_) {
      next_since_.reset();
      return now_;
    }
    if (!next_since_ || seen != next_) {
      next_ = seen;
      next_since_ = at;
    }
    if (at - *next_since_ >= config_.hold) {
      now_ = next_;
      next_since_.reset();
    }
    return now_;
  }

 private:
  int look(std::span<const float> p) const {
    if (now_ >= 0 && p[static_cast<std::size_t>(now_)] >= config_.leave) return now_;
    const auto best = std::ranges::max_element(p);
    return *best >= config_.enter ? static_cast<int>(best - p.begin()) : -1;
  }

  Config config_;
  int now_ = -1;
  int next_ = -1;
  std::optional<Nanoseconds> next_since_;  ///< when what would be next was first seen, without a break since
};

class State final : public Analysis {
 public:
  State(const Config& config, const AnalysisContext& context) : config_(config), labels_(context.labels) {
    const std::size_t regions = std::max<std::size_t>(1, context.regions.size());
    held_.assign(regions, Held(config));
    for (std::size_t i = 0; i < regions; ++i) {
      std::string suffix;
      if (regions > 1)
        suffix = "_" + (context.regions[i].name.empty() ? std::to_string(i + 1) : context.regions[i].name);
      outputs_.push_back({"state" + suffix, "", OutputKind::state, 0});
      for (const std::string& label : labels_)
        if (config.scores) outputs_.push_back({label + suffix, "", OutputKind::gauge, kScoreDecimals});
    }
  }

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings& findings) override {
    Observation seen;
    seen.stamp = frame.stamp;
    seen.findings.scores = findings.scores;
    seen.confidence = 1;
    std::size_t output = 0;
    for (std::size_t i = 0; i < held_.size(); ++i) {
      const auto scores = std::ranges::find(findings.scores, static_cast<int>(i), &Scores::region);
      if (scores == findings.scores.end() || scores->p.size() != labels_.size())
        return unknown(std::move(seen), "the model said nothing about " + place(i));
      const int state = held_[i].update(scores->p, frame.elapsed());
      if (state < 0) {
        if (seen.status == Status::ok) seen = unknown(std::move(seen), doubt(scores->p, i));
        continue;  // the other regions go on
      }
      if (seen.status != Status::ok) continue;
      const auto at = static_cast<std::size_t>(state);
      seen.confidence = std::min(seen.confidence, scores->p[at]);
      seen.values.push_back({outputs_[output++].name, labels_[at]});
      for (const float p : scores->p)
        if (config_.scores) seen.values.push_back({outputs_[output++].name, rounded(p)});
    }
    return seen;
  }

 private:
  static Observation unknown(Observation seen, std::string reason) {
    seen.status = Status::unknown;
    seen.reason = std::move(reason);
    seen.values.clear();
    seen.confidence = 0;
    return seen;
  }

  static double rounded(float p) {
    const double scale = std::pow(10.0, kScoreDecimals);
    return std::round(static_cast<double>(p) * scale) / scale;
  }

  std::string place(std::size_t region) const {
    return held_.size() == 1 ? "the picture" : fmt::format("region {}", region + 1);
  }

  std::string doubt(std::span<const float> p, std::size_t region) const {
    const auto best = std::ranges::max_element(p);
    const std::string& label = labels_[static_cast<std::size_t>(best - p.begin())];
    const std::string why = *best < config_.enter
                                ? fmt::format("is not sure enough, {:.2f} of {:.2f}", *best, config_.enter)
                                : "has not lasted long enough yet";
    return fmt::format("in {} '{}' {}", place(region), label, why);
  }

  Config config_;
  std::vector<std::string> labels_;
  std::vector<Held> held_;  ///< a region each
  std::vector<Output> outputs_;
};

}  // namespace

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context) {
  if (context.labels.empty())
    return fail(Errc::mismatch, "the task's model has no labels, so there are no states", "model",
                "name a classifier, and the model's labels in its card");
  if (config.leave > config.enter)
    return fail(Errc::invalid, fmt::format("leave = {} is above enter = {}", config.leave, config.enter), "leave",
                "a state is left at a lower score than it is entered at");
  return std::make_unique<State>(config, context);
}

void describe(Registry& registry) {
  registry.analysis("state", "which of several states a classifier sees, with hysteresis", FindingKind::scores, kFields,
                    &create);
}

}  // namespace perch::analysis::state
