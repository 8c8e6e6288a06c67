#include "learn/class_meter.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace perch::learn;

TEST_CASE("a classifier's answers become accuracy, precision and recall a label, and mistakes, the surest first") {
  ClassMeter meter({"cold", "hot"});
  meter.add("a.jpg", 0, std::array{0.9F, 0.1F});
  meter.add("b.jpg", 1, std::array{0.6F, 0.4F});
  meter.add("c.jpg", 1, std::array{0.8F, 0.2F});
  meter.add("d.jpg", 1, std::array{0.3F, 0.7F});
  CHECK(meter.count() == 4);
  CHECK(meter.accuracy() == 0.5);
  TrainReport report;
  meter.write(report);
  REQUIRE(report.metrics.size() == 5);
  CHECK(report.metrics[0].name == "accuracy");
  CHECK(report.metrics[0].count == 4);
  CHECK(report.metrics[1].of == "cold");
  CHECK(report.metrics[1].value == doctest::Approx(1 / 3.0));  // precision: one of the three that were called cold
  CHECK(report.metrics[2].value == 1);                         // recall
  CHECK(report.metrics[4].value == doctest::Approx(1 / 3.0));  // recall of hot
  CHECK(report.confusion.at(1, 0) == 2);
  REQUIRE(report.mistakes.size() == 2);
  CHECK(report.mistakes[0].picture == "c.jpg");
  CHECK(report.mistakes[0].what == "called 'cold', is 'hot'");
}

TEST_CASE("the chosen certainty keeps what is right and refuses what is not") {
  ClassMeter meter({"a", "b"});
  for (int i = 0; i < 20; ++i) meter.add("right", 0, std::array{0.9F, 0.1F});
  for (int i = 0; i < 10; ++i) meter.add("wrong", 1, std::array{0.55F, 0.45F});
  TrainReport report;
  meter.write(report);
  CHECK(report.threshold > 0.55F);
  CHECK(report.curves.at(0).chosen.precision == 1);
}

TEST_CASE("a label that never comes up has neither precision nor recall, and nothing is divided by nought") {
  ClassMeter meter({"a", "b"});
  CHECK(meter.accuracy() == 0);
  meter.add("x", 0, std::array{1.0F, 0.0F});
  TrainReport report;
  meter.write(report);
  CHECK(report.metrics.size() == 3);
}
