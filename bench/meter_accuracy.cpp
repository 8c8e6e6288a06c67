// meter_accuracy MODEL [SEEDS [FIRST [EVERY [HOURS]]]]: how right the analysis `meter` is on meters that nobody has
// seen. Renders so many scene meters (default 20, seeds from 9000 on), one look each EVERY seconds (60) over HOURS
// (24), takes each look through JPEG, preprocessing and MODEL as the edge does, its wheels cut out by their true
// corners, and compares the readings with what the meter shows.
//
// A reading is right when it is the digits that the wheels show; within 0.2 of a turn of the last wheel, which its play
// and a reader's tenth make, either digit is. All looks count, those without a value as not right.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "image/codec.hpp"
#include "model/model.hpp"
#include "model/predictor.hpp"
#include "scenes/catalogue.hpp"
#include "seam/registry.hpp"

using namespace perch;

namespace {

constexpr double kPlay = 0.2;  // turns of the last wheel

struct Options {
  std::string model;
  std::int64_t seeds = 20, first = 9000;
  double every_s = 60, hours = 24;
};

struct Tally {
  int looks = 0, right = 0, exact = 0, values = 0, uncertain = 0, far = 0;

  void operator+=(const Tally& other) {
    looks += other.looks;
    right += other.right;
    exact += other.exact;
    values += other.values;
    uncertain += other.uncertain;
    far += other.far;
  }
};

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "meter_accuracy: {}\n", result.error().message());
  std::exit(2);
}

std::unique_ptr<Analysis> make_meter(const Registry& registry, const scenes::TrueMeter& truth,
                                     const std::vector<Region>& wheels) {
  config::Component meter;
  meter.table.set("kind", config::Node{std::string("meter")});
  meter.table.set("unit", config::Node{truth.unit});
  meter.table.set("decimals", config::Node{std::int64_t{truth.decimals}});
  return must(registry.make_analysis(meter, {{}, wheels}));
}

void count(const Observation& seen, const scenes::TrueMeter& truth, Tally& tally) {
  ++tally.looks;
  if (seen.values.empty()) return;
  ++tally.values;
  if (seen.status == Status::uncertain) ++tally.uncertain;
  const double per_unit = std::pow(10.0, truth.decimals);
  const double shown = std::round(std::get<double>(seen.values.front().value) * per_unit);
  const double exact = truth.value * per_unit;
  const bool same = shown == std::floor(exact);
  const bool right = shown == std::floor(exact - kPlay) || shown == std::floor(exact + kPlay);
  if (same) ++tally.exact;
  if (right) ++tally.right;
  if (std::abs(shown - std::floor(exact)) > 1) ++tally.far;
}

Tally follow(std::int64_t seed, const Options& options, const Registry& registry, model::Predictor& predictor) {
  config::Node settings{config::Table{}};
  settings.set("seed", config::Node{seed});
  settings.set("width", config::Node{std::int64_t{800}});
  settings.set("height", config::Node{std::int64_t{600}});
  const std::unique_ptr<scenes::Scene> scene = must(scenes::create("meter", settings));
  scenes::View view;
  std::vector<Region> wheels;
  std::unique_ptr<Analysis> meter;
  Tally tally;
  std::string kind;
  constexpr double kStart_s = 6 * 3600;
  for (double t_s = 0; t_s < options.hours * 3600; t_s += options.every_s) {
    scene->render(kStart_s + t_s, view);
    const scenes::TrueMeter& truth = *view.truth.meter;
    if (!meter) {
      for (const scenes::TrueWheel& wheel : truth.wheels)
        wheels.push_back({static_cast<int>(wheels.size()), wheel.window_px, {}});
      meter = make_meter(registry, truth, wheels);
      kind = truth.kind;
    }
    const Bytes jpeg = must(image::encode_jpeg(view.picture.view(), view.jpeg_quality));
    Findings findings;
    model::Timing timing;
    static_cast<void>(must(predictor.predict(jpeg, wheels, findings, timing)));
    Frame frame;
    frame.stamp.monotonic = std::chrono::duration_cast<Nanoseconds>(Seconds(t_s));
    const Observation seen = must(meter->update(frame, findings));
    count(seen, truth, tally);
  }
  fmt::print("seed {:5} {:11} right {:5.1f} % of {}, far {}\n", seed, kind, 100.0 * tally.right / tally.looks,
             tally.looks, tally.far);
  std::fflush(stdout);
  return tally;
}

void print(const Tally& all) {
  const auto share = [&](int part) { return 100.0 * part / std::max(1, all.looks); };
  fmt::print("looks              {}\n", all.looks);
  fmt::print("with a value       {:.3f} %\n", share(all.values));
  fmt::print("of them uncertain  {:.3f} %\n", share(all.uncertain));
  fmt::print("right              {:.3f} % of looks, {:.3f} % of values\n", share(all.right),
             100.0 * all.right / std::max(1, all.values));
  fmt::print("exactly the truth  {:.3f} % of looks\n", share(all.exact));
  fmt::print("off by more than 1 {:.3f} % of looks ({})\n", share(all.far), all.far);
}

}  // namespace

int main(int count, char** texts) {
  if (count < 2) {
    fmt::print(stderr, "usage: meter_accuracy MODEL [SEEDS [FIRST [EVERY_SECONDS [HOURS]]]]\n");
    return 2;
  }
  Options options{texts[1]};
  if (count > 2) options.seeds = std::atoll(texts[2]);
  if (count > 3) options.first = std::atoll(texts[3]);
  if (count > 4) options.every_s = std::atof(texts[4]);
  if (count > 5) options.hours = std::atof(texts[5]);
  Registry registry;
  describe_all(registry);
  model::Predictor predictor(must(model::Model::load(options.model, registry, {})));
  Tally all;
  for (std::int64_t i = 0; i < options.seeds; ++i) all += follow(options.first + i, options, registry, predictor);
  print(all);
}
