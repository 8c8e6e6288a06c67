#include "analysis/detect.hpp"

#include <doctest/doctest.h>

using namespace perch;
using analysis::detect::Config;

namespace {

const std::vector<std::string> kLabels{"person", "car", "truck"};
constexpr int kPerson = 0, kCar = 1, kTruck = 2;

Detection found(int label, float score, const Box& box, int region = 0) {
  return {region, {label}, score, box, std::nullopt};
}

std::unique_ptr<Analysis> make(const Config& config, std::vector<std::string> labels = kLabels) {
  auto made = analysis::detect::create(config, {std::move(labels), {}});
  REQUIRE(made);
  return std::move(*made);
}

Observation observe(const Config& config, std::vector<Detection> detections) {
  Frame frame;
  frame.stamp.at = UtcTime{std::chrono::seconds(1234)};
  Findings findings;
  findings.detections = std::move(detections);
  auto observation = make(config)->update(frame, findings);
  REQUIRE(observation);
  CHECK(observation->stamp.at == frame.stamp.at);
  CHECK(observation->status == Status::ok);
  return *observation;
}

std::int64_t value(const Observation& observation, std::string_view name) {
  for (const Value& v : observation.values)
    if (v.name == name) return std::get<std::int64_t>(v.value);
  return -1;
}

const Box kBox{10, 10, 20, 20};

}  // namespace

TEST_CASE("every label has a count, zero included") {
  const Observation observation =
      observe({}, {found(kCar, 0.9F, kBox), found(kCar, 0.6F, kBox), found(kTruck, 0.7F, kBox)});
  CHECK(observation.values.size() == 3);
  CHECK(value(observation, "car") == 2);
  CHECK(value(observation, "truck") == 1);
  CHECK(value(observation, "person") == 0);
  CHECK(observation.confidence == doctest::Approx(0.6));
}

TEST_CASE("outputs are declared in the order in which labels are listed, as gauges") {
  const auto made = make({.labels = {"truck", "car"}});
  REQUIRE(made->outputs().size() == 2);
  CHECK(made->outputs()[0].name == "truck");
  CHECK(made->outputs()[1].name == "car");
  CHECK(made->outputs()[0].kind == OutputKind::gauge);
  CHECK(made->outputs()[0].decimals == 0);
  CHECK(make({})->outputs().size() == 3);
  CHECK(make({}, {})->outputs()[0].name == "objects");
}

TEST_CASE("labels that are not listed are neither counted nor kept, and an empty picture is a count of 0") {
  const Observation observation = observe({.labels = {"car"}}, {found(kPerson, 0.9F, kBox), found(kTruck, 0.9F, kBox)});
  CHECK(observation.values.size() == 1);
  CHECK(value(observation, "car") == 0);
  CHECK(observation.findings.detections.empty());
  CHECK(observation.confidence == 1);
}

TEST_CASE("scores and sizes have limits that count themselves as inside") {
  const std::vector<Detection> detections{found(kCar, 0.5F, {0, 0, 10, 40}), found(kCar, 0.4F, {0, 0, 40, 40})};
  CHECK(value(observe({.min_score = 0.4F}, detections), "car") == 2);
  CHECK(value(observe({.min_score = 0.45F}, detections), "car") == 1);
  CHECK(value(observe({.min_side = 10}, detections), "car") == 2);
  CHECK(value(observe({.min_side = 11}, detections), "car") == 1);
  CHECK(value(observe({.min_area = 400}, detections), "car") == 2);
  CHECK(value(observe({.min_area = 401}, detections), "car") == 1);
  CHECK(value(observe({.max_area = 400.0F}, detections), "car") == 1);
  const Observation kept = observe({.min_score = 0.45F}, detections);
  REQUIRE(kept.findings.detections.size() == 1);
  CHECK(kept.findings.detections[0].score == 0.5F);
}

TEST_CASE("masks decide by the centre of a box") {
  const std::vector<Detection> detections{found(kCar, 0.9F, {0, 0, 20, 20}),    // centre (10, 10)
                                          found(kCar, 0.9F, {90, 0, 20, 20})};  // centre (100, 10)
  CHECK(value(observe({.include = {{0, 0, 50, 50}}}, detections), "car") == 1);
  CHECK(value(observe({.include = {{0, 0, 50, 50}, {80, 0, 130, 0, 100, 60}}}, detections), "car") == 2);
  CHECK(value(observe({.exclude = {{80, 0, 130, 0, 100, 60}}}, detections), "car") == 1);
  CHECK(value(observe({.include = {{0, 0, 200, 200}}, .exclude = {{0, 0, 50, 50}}}, detections), "car") == 1);
  CHECK(value(observe({.include = {{500, 500, 50, 50}}}, detections), "car") == 0);
}

TEST_CASE("an object that two regions see is counted once when regions are merged") {
  const std::vector<Detection> detections{
      found(kCar, 0.6F, {80, 10, 20, 30}, 0),  // cut at the first region's edge, 100
      found(kCar, 0.9F, {80, 10, 50, 30}, 1),  // whole in the second
      found(kTruck, 0.5F, {80, 10, 50, 30}, 0),
      found(kCar, 0.4F, {85, 12, 50, 30}, 1)};  // another car in the same region
  CHECK(value(observe({}, detections), "car") == 3);
  const Observation merged = observe({.merge = 0.5F}, detections);
  CHECK(value(merged, "car") == 2);
  CHECK(value(merged, "truck") == 1);
}

TEST_CASE("a label that the model does not have names the nearest") {
  const auto made = analysis::detect::create({.labels = {"car", "truk"}}, {kLabels, {}});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::not_found);
  CHECK(made.error().what == "the model has no label 'truk'");
  CHECK(made.error().remedy == "did you mean 'truck'?");
  CHECK(analysis::detect::create({.labels = {"car"}}, {{}, {}}).error().code == Errc::mismatch);
  CHECK(analysis::detect::create({.labels = {"car", "car"}}, {kLabels, {}}).error().code == Errc::invalid);
}

TEST_CASE("a mask that is no polygon is an error that names it") {
  for (const std::vector<float>& bad :
       {std::vector<float>{}, {1, 2}, {1, 2, 3, 4, 5}, {0, 0, 10, 0, 20, 0}, {5, 5, 0, 9}}) {
    const auto made = analysis::detect::create({.exclude = {{0, 0, 5, 5}, bad}}, {kLabels, {}});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::invalid);
    CHECK(made.error().where == "exclude");
    CHECK(made.error().what.find("mask 2") != std::string::npos);
  }
}

TEST_CASE("a label number that the model does not have is not counted") {
  const Observation observation = observe({}, {found(99, 0.9F, kBox), found(-1, 0.9F, kBox)});
  CHECK(observation.findings.detections.empty());
}
