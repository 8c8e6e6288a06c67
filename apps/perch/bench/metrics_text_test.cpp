#include "bench/metrics_text.hpp"

#include <cmath>

#include <doctest/doctest.h>

using perch::bench::MetricsPage;

TEST_CASE("a page of metrics gives its samples with their labels") {
  const auto page = MetricsPage::parse(
      "# HELP perch_camera_looked_total Frames.\n"
      "# TYPE perch_camera_looked_total counter\n"
      "perch_camera_looked_total{camera=\"a\"} 12\n"
      "perch_camera_looked_total{camera=\"b\",} 30.5\n"
      "\n"
      "process_resident_memory_bytes 1.2e8 1700000000000\n");
  REQUIRE(page);
  REQUIRE(page->samples().size() == 3);
  CHECK(page->samples()[0].labels.at("camera") == "a");
  CHECK(page->sum("perch_camera_looked_total") == 42.5);
  CHECK(page->sum("process_resident_memory_bytes") == 1.2e8);
  CHECK(page->sum("perch_camera") == 0);
}

TEST_CASE("labels may hold quotes, braces and line ends") {
  const auto page = MetricsPage::parse(R"(x{a="say \"hi\" {}",b="one\ntwo",c="back\\slash"} 1)");
  REQUIRE(page);
  const auto& labels = page->samples().front().labels;
  CHECK(labels.at("a") == "say \"hi\" {}");
  CHECK(labels.at("b") == "one\ntwo");
  CHECK(labels.at("c") == "back\\slash");
}

TEST_CASE("histograms have an infinite bucket, and a mean of nothing is no number") {
  const auto page = MetricsPage::parse("t_bucket{le=\"+Inf\"} 3\nup +Inf\ndown -Inf\nmean NaN\n");
  REQUIRE(page);
  CHECK(page->samples()[0].value == 3);
  CHECK(page->sum("up") > 1e300);
  CHECK(page->sum("down") < -1e300);
  CHECK(std::isnan(page->sum("mean")));
}

TEST_CASE("a line that is no sample is an error that names it") {
  for (const char* text : {"ok 1\n{a=\"b\"} 1", "ok 1\nname", "ok 1\nname{a=\"b} 1", "ok 1\nname{a} 1", "ok 1\nname x",
                           "ok 1\n<html>", "ok 1\nname{"}) {
    const auto page = MetricsPage::parse(text);
    REQUIRE_FALSE(page);
    CHECK(page.error().code == perch::Errc::invalid);
    CHECK(page.error().what.find("line 2") != std::string::npos);
  }
}
