// How well the detectors that are shipped find the things of simulated places (tests/pictures).
#include <algorithm>
#include <map>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "accuracy/looking.hpp"
#include "learn/dataset.hpp"
#include "learn/detection_meter.hpp"
#include "learn/train_settings.hpp"

using namespace perch;

namespace {

/// F1 at IoU 0.5 of a shipped model with the threshold of its card: of "all" pictures and by light and weather.
std::map<std::string, double> f1_in(const std::string& places, const std::string& name) {
  Registry registry;
  describe_all(registry);
  const auto model = accuracy::must(model::Model::load(PERCH_SOURCE_DIR "/models/" + name + ".onnx", registry));
  const auto pictures = accuracy::must(learn::Dataset::load(PERCH_TEST_PICTURES "/" + places));
  CHECK(pictures.problems().empty());
  const model::Card& card = model->card();
  const learn::DetectSettings rule;  // that of every training and measurement
  model::Predictor predictor(model);
  learn::DetectionMeter meter(card.labels);
  Findings findings;
  model::Timing timing;
  for (const learn::Sample& sample : pictures.samples()) {
    findings.clear();
    accuracy::must(predictor.predict(accuracy::must(read_file(sample.path)), {}, findings, timing));
    const double scale = std::min(static_cast<double>(card.input.width) / sample.size.width,
                                  static_cast<double>(card.input.height) / sample.size.height);
    meter.add(sample.name, findings.detections,
              learn::things_of(sample, card.labels, {rule.least_visible, rule.least_px}, scale),
              learn::conditions_of(sample));
  }
  learn::TrainReport report;
  meter.write(0, report);  // the model gives nothing below its own threshold
  std::map<std::string, double> f1;
  for (const learn::Metric& metric : report.metrics) {
    if (metric.name != "F1") continue;
    fmt::print("{}: F1 {:.3f} {} ({} things)\n", name, metric.value, metric.of, metric.count);
    f1[metric.of.empty() ? "all" : metric.of] = metric.value;
  }
  return f1;
}

}  // namespace

TEST_CASE("room-people finds the people of rooms that it never saw") {
  auto f1 = f1_in("rooms", "room-people");
  CHECK(f1["all"] >= 0.93);
}

TEST_CASE("lot-cars finds the cars of lots that it never saw, by day, by night and in rain") {
  auto f1 = f1_in("lots", "lot-cars");
  CHECK(f1["light=day"] >= 0.95);
  CHECK(f1["light=night"] >= 0.85);
  CHECK(f1["weather=rain"] >= 0.85);
}
