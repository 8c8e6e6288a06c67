#include "learn/wheel_meter.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace perch::learn;

namespace {

std::vector<float> surely(std::size_t place, std::size_t places = 100) {
  std::vector<float> p(places, 0.1F / static_cast<float>(places - 1));
  p[place] = 0.9F;
  return p;
}

double metric(const TrainReport& report, const std::string& name, const std::string& of = "") {
  const auto at = std::ranges::find_if(report.metrics, [&](const Metric& m) { return m.name == name && m.of == of; });
  return at == report.metrics.end() ? -1 : at->value;
}

}  // namespace

TEST_CASE("places lie on a circle: 9.9 is next to 0.0") {
  CHECK(wheel_place(9.96) == 0);
  CHECK(wheel_place(3.7) == 37);
  CHECK(places_apart(99, 0) == 1);
  CHECK(places_apart(2, 97) == 5);
  CHECK(places_apart(0, 50) == 50);
}

TEST_CASE("a wheel that is read a tenth off is right, two tenths off is not") {
  WheelMeter meter;
  meter.add("a", "", 0.0, surely(99));
  meter.add("b", "", 3.7, surely(38));
  meter.add("c", "", 3.7, surely(39));
  meter.add("d", "", 3.7, surely(37));
  CHECK(meter.count() == 4);
  CHECK(meter.within_a_tenth() == 0.75);
  TrainReport report;
  meter.write(report);
  CHECK(metric(report, "exact") == 0.25);
  REQUIRE(report.mistakes.size() == 1);
  CHECK(report.mistakes[0].picture == "c");
  CHECK(report.mistakes[0].what == "read as 3.9, is 3.7");
  CHECK(report.confusion.at(0, 9) == 1);  // 9.9 instead of 0.0
}

TEST_CASE("each meter has a figure of its own, those without a name only the common one") {
  WheelMeter meter;
  meter.add("a", "gas", 1.0, surely(10));
  meter.add("b", "gas", 1.0, surely(50));
  meter.add("c", "water", 1.0, surely(10));
  meter.add("d", "", 1.0, surely(10));
  TrainReport report;
  meter.write(report);
  CHECK(metric(report, "within a tenth") == 0.75);
  CHECK(metric(report, "within a tenth", "meter=gas") == 0.5);
  CHECK(metric(report, "within a tenth", "meter=water") == 1);
}

TEST_CASE("a model of whole digits is measured on the same circle") {
  WheelMeter meter;
  meter.add("a", "", 9.9, surely(0, 10));
  meter.add("b", "", 4.5, surely(4, 10));
  CHECK(meter.within_a_tenth() == 0.5);
}

TEST_CASE("nothing looked at is nothing right, and divides nothing by nought") {
  TrainReport report;
  WheelMeter{}.write(report);
  CHECK(metric(report, "within a tenth") == 0);
  CHECK(metric(report, "mean certainty") == 0);
}
