#include "learn/detection_meter.hpp"

#include <doctest/doctest.h>

namespace perch::learn {

namespace {

Detection found(float score, const Box& box, int label) {
  Detection detection;
  detection.label = LabelId{label};
  detection.score = score;
  detection.box_px = box;
  return detection;
}

double metric(const TrainReport& report, const std::string& name, const std::string& of) {
  for (const Metric& m : report.metrics)
    if (m.name == name && m.of == of) return m.value;
  FAIL("no metric ", name, " of ", of);
  return 0;
}

const std::vector<std::string> kLabels{"car", "person"};

}  // namespace

TEST_CASE("things count by how much of them shows and how large they are for the model") {
  Sample sample;
  sample.labels = {{"person", {0, 0, 40, 40}, std::nullopt, {}, {{"visible", 0.3}}},
                   {"person", {0, 0, 40, 10}, std::nullopt, {}, {{"visible", 1.0}}},
                   {"car", {0, 0, 40, 40}, std::nullopt, {}, {}},
                   {"dog", {0, 0, 40, 40}, std::nullopt, {}, {}},
                   {"person", {0, 0, 40, 40}, std::nullopt, {}, {{"crowd", true}}}};
  const auto things = things_of(sample, kLabels, {0.35, 6}, 0.5);
  REQUIRE(things.size() == 4);  // nobody asks for dogs
  CHECK(things[0].label == 1);
  CHECK_FALSE(things[0].counts);
  CHECK_FALSE(things[1].counts);
  CHECK(things[2].counts);
  CHECK_FALSE(things[3].counts);
}

TEST_CASE("a detector is measured by label and by condition") {
  DetectionMeter meter(kLabels);
  const std::vector<TrueThing> one_car{{0, {0, 0, 10, 10}}}, one_person{{1, {50, 50, 10, 10}}};
  meter.add("a", std::vector{found(0.9F, {0, 0, 10, 10}, 0)}, one_car, std::vector<std::string>{"light=day"});
  meter.add("b", std::vector{found(0.8F, {0, 0, 10, 10}, 1), found(0.3F, {50, 50, 10, 10}, 1)}, one_person,
            std::vector<std::string>{"light=night"});
  TrainReport report;
  meter.write(0.5F, report);
  CHECK(metric(report, "F1", "") == doctest::Approx(0.5));
  CHECK(metric(report, "F1", "car") == 1);
  CHECK(metric(report, "F1", "person") == 0);
  CHECK(metric(report, "F1", "light=day") == 1);
  CHECK(metric(report, "F1", "light=night") == 0);
  CHECK(report.confusion.at(0, 0) == 1);
  CHECK(report.confusion.at(1, 2) == 1);
  CHECK(report.confusion.at(2, 1) == 1);
  REQUIRE(report.mistakes.size() == 2);
  CHECK(report.mistakes[0].what == "'person' where nothing is");
  CHECK(report.mistakes[1].what == "'person' not found");
  CHECK(best_f1(meter.curve()).recall == 1);
}

TEST_CASE("a thing that is called by another name is one mistake, not two") {
  DetectionMeter meter(kLabels);
  meter.add("a", std::vector{found(0.9F, {0, 0, 10, 10}, 1)}, std::vector<TrueThing>{{0, {0, 0, 10, 10}}}, {});
  TrainReport report;
  meter.write(0.5F, report);
  CHECK(report.confusion.at(0, 1) == 1);
  REQUIRE(report.mistakes.size() == 1);
  CHECK(report.mistakes[0].what == "'car' is called 'person'");
}

}  // namespace perch::learn
