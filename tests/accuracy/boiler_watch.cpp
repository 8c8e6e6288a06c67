#include "accuracy/boiler_watch.hpp"

#include <algorithm>
#include <cmath>

#include "learn/metrics.hpp"
#include "model/predictor.hpp"
#include "scenes/boiler/boiler.hpp"
#include "seam/registry.hpp"

namespace perch::accuracy {

namespace {

constexpr double kWeek_s = 7 * 86'400.0;

std::unique_ptr<scenes::Scene> boiler(std::int64_t seed, double spots_per_week) {
  scenes::boiler::Config config;
  config.seed = seed;
  config.width = 32;
  config.height = 24;
  config.spots_per_week = spots_per_week;
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
  constexpr double kSpotsPerWeek = 2;
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
    const auto scene = boiler(first_seed + plant, kSpotsPerWeek);
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

}  // namespace perch::accuracy
