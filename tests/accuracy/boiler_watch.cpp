#include "accuracy/boiler_watch.hpp"

#include <algorithm>
#include <cmath>

#include "learn/metrics.hpp"
#include "model/predictor.hpp"
#include "scenes/boiler/boiler.hpp"
#include "seam/registry.hpp"

namespace perch::accuracy {

namespace {

constexpr double kDay_s = 86'400, kWeek_s = 7 * kDay_s;
constexpr double kSpotsPerWeek = 2;

std::unique_ptr<scenes::Scene> boiler(std::int64_t seed) {
  scenes::boiler::Config config;
  config.seed = seed;
  config.width = 32;
  config.height = 24;
  config.spots_per_week = kSpotsPerWeek;
  return scenes::boiler::create(config);
}

double number(const Observation& seen, std::string_view name) {
  const auto found = std::ranges::find(seen.values, name, &Value::name);
  return found == seen.values.end() ? NAN : std::get<double>(found->value);
}

bool flag(const Observation& seen) {
  const auto found = std::ranges::find(seen.values, "anomaly", &Value::name);
  return found != seen.values.end() && std::get<bool>(found->value);
}

/// Follows one plant and adds what happens to the sums.
class Watch {
 public:
  Watch(Watched& sums, std::vector<learn::Answer>& answers, double every_s)
      : sums_(sums),
        answers_(answers),
        least_frames_(static_cast<int>(1800 / every_s)) {}

  void add(const Observation& seen, const scenes::TrueBoiler& truth) {
    answers_.push_back({static_cast<float>(number(seen, "score")), truth.spot.has_value()});
    ++(truth.spot ? sums_.frames_spot : sums_.frames_normal);
    if (truth.spot) {
      ++there_;
      if (flag(seen)) {
        seen_ = true;
        placed_ = placed_ || std::hypot(number(seen, "x") - truth.spot->x, number(seen, "y") - truth.spot->y) < 2.5;
      }
    } else {
      end_spot();
      if (flag(seen) && !was_up_) ++alarms_;
    }
    was_up_ = flag(seen);
  }

  void end() {
    end_spot();
    sums_.false_alarms += alarms_;
    sums_.worst_plant = std::max(sums_.worst_plant, alarms_);
  }

 private:
  void end_spot() {
    if (there_ >= least_frames_) {
      ++sums_.spots;
      sums_.spots_seen += seen_ ? 1 : 0;
      sums_.spots_placed += placed_ ? 1 : 0;
    }
    there_ = 0;
    seen_ = placed_ = false;
  }

  Watched& sums_;
  std::vector<learn::Answer>& answers_;
  int least_frames_;
  int there_ = 0;  ///< frames that the present spot has been there
  bool seen_ = false, placed_ = false, was_up_ = false;
  int alarms_ = 0;
};

}  // namespace

Result<Watched> watch_boilers(const std::shared_ptr<const model::Model>& model, std::int64_t first_seed, int plants,
                              double every_s) {
  Registry registry;
  describe_all(registry);
  config::Component anomaly;
  anomaly.table.set("kind", config::Node{std::string("anomaly")});
  model::Predictor predictor(model);
  Watched sums;
  std::vector<learn::Answer> answers;
  scenes::View view;
  Findings findings;
  model::Timing timing;
  for (int plant = 0; plant < plants; ++plant) {
    const auto scene = boiler(first_seed + plant);
    PERCH_TRY(const auto analysis, registry.make_analysis(anomaly, {}));
    Watch watch(sums, answers, every_s);
    for (double t = 0; t < kWeek_s; t += every_s) {
      scene->render(t, view);
      findings.clear();
      PERCH_CHECK(predictor.predict(view.grid, {}, findings, timing));
      Frame frame;
      frame.payload = view.grid;
      PERCH_TRY(const Observation seen, analysis->update(frame, findings));
      watch.add(seen, *view.truth.boiler);
    }
    watch.end();
    ++sums.weeks;
  }
  sums.auroc = learn::auroc(std::move(answers));
  return sums;
}

Result<StatesWatched> watch_states(const std::shared_ptr<const model::Model>& model, std::int64_t first_seed,
                                   int plants, double every_s) {
  Registry registry;
  describe_all(registry);
  config::Component state;
  state.table.set("kind", config::Node{std::string("state")});
  const std::vector<std::string>& labels = model->card().labels;
  model::Predictor predictor(model);
  StatesWatched sums;
  scenes::View view;
  Findings findings;
  model::Timing timing;
  for (int plant = 0; plant < plants; ++plant) {
    const auto scene = boiler(first_seed + plant);
    PERCH_TRY(const auto analysis, registry.make_analysis(state, {labels, {}}));
    for (double t = 0; t < kDay_s; t += every_s) {
      scene->render(t, view);
      findings.clear();
      PERCH_CHECK(predictor.predict(view.grid, {}, findings, timing));
      const std::vector<float>& p = findings.scores.at(0).p;
      const std::string& truth = view.truth.boiler->state;
      ++sums.frames;
      sums.right += labels[static_cast<std::size_t>(std::ranges::max_element(p) - p.begin())] == truth ? 1 : 0;
      Frame frame;
      frame.stamp.monotonic = std::chrono::duration_cast<Nanoseconds>(Seconds(t));
      frame.payload = view.grid;
      PERCH_TRY(const Observation seen, analysis->update(frame, findings));
      sums.unknown += seen.status == Status::unknown ? 1 : 0;
      sums.given += !seen.values.empty() && std::get<std::string>(seen.values[0].value) == truth ? 1 : 0;
    }
  }
  return sums;
}

}  // namespace perch::accuracy
