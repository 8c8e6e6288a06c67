#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "accuracy/looking.hpp"
#include "image/codec.hpp"
#include "learn/detection_meter.hpp"
#include "learn/train_settings.hpp"
#include "scenes/catalogue.hpp"

using namespace perch;

namespace {

/// No training has seen a place from this seed up.
constexpr std::int64_t kUnseen = 900'000;
/// Things of which less shows are in no label (`perch scene --dataset`).
constexpr float kLeastLabelled = 0.1F;

/// How many places are looked at: PERCH_PLACES, or enough to tell a good model from a bad one.
int places(int usual) {
  const char* wanted = std::getenv("PERCH_PLACES");
  return wanted ? std::max(1, std::atoi(wanted)) : usual;  // NOLINT(cert-err34-c)
}

/// The things of a picture that the model looks for, counted by the rule of every training and measurement.
std::vector<learn::TrueThing> things_of(const scenes::Truth& truth, const model::Card& card) {
  const learn::DetectSettings rule;
  const float scale = std::min(static_cast<float>(card.input.width) / static_cast<float>(truth.width),
                               static_cast<float>(card.input.height) / static_cast<float>(truth.height));
  std::vector<learn::TrueThing> things;
  for (const scenes::TrueObject& object : truth.objects) {
    if (object.label != card.labels.front() || object.visible < kLeastLabelled) continue;
    const float least_px = std::min(object.box_px.width, object.box_px.height) * scale;
    const bool counts =
        static_cast<double>(object.visible) >= rule.least_visible && static_cast<double>(least_px) >= rule.least_px;
    things.push_back({0, object.box_px, counts});
  }
  return things;
}

/// F1 at IoU 0.5 of a shipped model with the threshold of its card: of "all" pictures and by light and weather.
std::map<std::string, double> f1_in(const std::string& scene, const std::string& name, int count) {
  Registry registry;
  describe_all(registry);
  const auto model = accuracy::must(model::Model::load(PERCH_SOURCE_DIR "/models/" + name + ".onnx", registry));
  REQUIRE(model->card().labels.size() == 1);
  model::Predictor predictor(model);
  learn::DetectionMeter meter(model->card().labels);
  scenes::View view;
  Findings findings;
  model::Timing timing;
  for (int place = 0; place < count; ++place) {
    config::Node settings{config::Table{}};
    settings.set("seed", config::Node{kUnseen + place});
    settings.set("width", config::Node{std::int64_t{1280}});
    settings.set("height", config::Node{std::int64_t{720}});
    accuracy::must(scenes::create(scene, settings))->render((7 + 3.7 * place) * 3600, view);
    const Bytes jpeg = accuracy::must(image::encode_jpeg(view.picture.view(), view.jpeg_quality));
    findings.clear();
    accuracy::must(predictor.predict(jpeg, {}, findings, timing));
    std::vector<std::string> conditions{view.truth.light};
    if (!view.truth.weather.empty()) conditions.push_back(view.truth.weather);
    meter.add(fmt::format("{}-{}", scene, kUnseen + place), findings.detections, things_of(view.truth, model->card()),
              conditions);
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
  auto f1 = f1_in("room", "room-people", places(60));
  CHECK(f1["all"] >= 0.93);
}

TEST_CASE("lot-cars finds the cars of lots that it never saw, by day, by night and in rain") {
  auto f1 = f1_in("lot", "lot-cars", places(40));
  CHECK(f1["day"] >= 0.95);
  CHECK(f1["night"] >= 0.85);
  CHECK(f1["rain"] >= 0.85);
}
