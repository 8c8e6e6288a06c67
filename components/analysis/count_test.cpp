#include "analysis/count.hpp"

#include <doctest/doctest.h>

using namespace perch;
using analysis::count::By;
using analysis::count::Config;

namespace {

const std::vector<std::string> kLabels{"person", "car"};
constexpr int kPerson = 0, kCar = 1;

Detection found(int label, const Box& box, float score = 0.9F) {
  return {0, {label}, score, box, std::nullopt};
}

std::unique_ptr<Analysis> make(const Config& config) {
  auto made = analysis::count::create(config, {kLabels, {}});
  if (!made) FAIL(made.error().message());
  return std::move(*made);
}

Observation look(Analysis& analysis, std::vector<Detection> detections) {
  Findings findings;
  findings.detections = std::move(detections);
  auto observation = analysis.update({}, findings);
  REQUIRE(observation);
  CHECK(observation->status == Status::ok);
  return *observation;
}

std::int64_t value(const Observation& observation, std::string_view name) {
  for (const Value& v : observation.values)
    if (v.name == name) return std::get<std::int64_t>(v.value);
  return -1;
}

}  // namespace

TEST_CASE("every label is counted, and each zone by itself, zero included") {
  const auto count = make({.zones = {{"yard", {0, 0, 100, 100}}, {"road", {100, 0, 100, 100}}}, .smooth = 1});
  const Observation seen = look(
      *count, {found(kCar, {10, 10, 20, 20}), found(kCar, {120, 10, 20, 20}), found(kPerson, {500, 10, 20, 20}, 0.4F)});
  CHECK(value(seen, "car") == 2);
  CHECK(value(seen, "person") == 1);
  CHECK(value(seen, "yard_car") == 1);
  CHECK(value(seen, "yard_person") == 0);
  CHECK(value(seen, "road_car") == 1);
  CHECK(seen.confidence == doctest::Approx(0.4));
  CHECK(count->outputs().size() == seen.values.size());
  for (std::size_t i = 0; i < seen.values.size(); ++i) CHECK(count->outputs()[i].name == seen.values[i].name);
}

TEST_CASE("of one label a zone's count is called like the zone") {
  const auto count = make({.labels = {"car"}, .zones = {{"yard", {0, 0, 100, 100}}}, .smooth = 1});
  CHECK(value(look(*count, {found(kCar, {10, 10, 20, 20})}), "yard") == 1);
  CHECK(value(look(*count, {}), "yard") == 0);
}

TEST_CASE("one look that misses a car, or sees one too many, changes nothing; a change that lasts does") {
  const auto count = make({.labels = {"car"}, .slots = {{0, 0, 50, 50}}});
  const std::vector<Detection> one{found(kCar, {10, 10, 20, 20})};
  for (int i = 0; i < 3; ++i) CHECK(value(look(*count, one), "car") == 1);
  Observation missed = look(*count, {});
  CHECK(value(missed, "car") == 1);
  CHECK(value(missed, "free") == 0);
  CHECK(value(look(*count, one), "car") == 1);
  CHECK(value(look(*count, {one[0], one[0]}), "car") == 1);
  look(*count, {});
  missed = look(*count, {});
  CHECK(value(missed, "car") == 0);
  CHECK(value(missed, "occupied") == 0);
  CHECK(value(missed, "free") == 1);
}

TEST_CASE("slots are taken by the point of a box that was chosen, each thing one of them") {
  const std::vector<std::vector<float>> slots{{0, 0, 50, 50}, {50, 0, 50, 50}, {100, 0, 100, 0, 150, 50, 100, 50}};
  Config config{.slots = slots, .each_slot = true, .smooth = 1};
  const std::vector<Detection> cars{found(kCar, {40, 5, 40, 40}), found(kCar, {0, 20, 40, 60})};
  Observation seen = look(*make(config), cars);  // centres (60, 25) and (20, 50)
  CHECK(value(seen, "occupied") == 1);
  CHECK(value(seen, "free") == 2);
  CHECK(std::get<bool>(seen.values.back().value) == false);
  config.anchor = 0.25F;  // (60, 15) and (20, 35)
  CHECK(value(look(*make(config), cars), "occupied") == 2);
  config.by = By::overlap;  // three quarters in slot 2, half in slot 1
  config.overlap = 0.5F;
  CHECK(value(look(*make(config), cars), "occupied") == 2);
  config.overlap = 0.6F;
  CHECK(value(look(*make(config), cars), "occupied") == 1);
}

TEST_CASE("mistakes name what is wrong and what is near") {
  const auto error = [](const Config& config) {
    const auto made = analysis::count::create(config, {kLabels, {}});
    REQUIRE_FALSE(made);
    return made.error();
  };
  CHECK(error({.labels = {"cat"}}).remedy == "did you mean 'car'?");
  CHECK(error({.labels = {"car"}, .zones = {{"car", {0, 0, 9, 9}}}}).what == "two counts would be called 'car'");
  CHECK(error({.zones = {{"yard", {0, 0, 9}}}}).what == "zone 'yard' has 3 numbers");
  CHECK(error({.slots = {{0, 0, 9, 9}, {1, 2}}}).what == "slot 2 has 2 numbers");
  CHECK(error({.zones = {{"", {0, 0, 9, 9}}}}).where == "zones");
}
