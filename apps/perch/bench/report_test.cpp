#include "bench/report.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace perch::bench;

namespace {

PipelineReport full() {
  PipelineReport report;
  report.model = "tiny@12345678";
  report.cores = 2;
  report.cameras = 16;
  ThroughputReport throughput;
  throughput.pairs = {{95, 100}, {96, 100}};
  throughput.of = compare(throughput.pairs);
  throughput.inference_ms = 12;
  report.throughput = throughput;
  SteadyReport steady;
  steady.cameras = 16;
  steady.every_ms = 200;
  steady.seconds = 10;
  steady.asked = 800;
  steady.looked = 799;
  steady.skipped = 1;
  steady.ms = {{"total", {799, 14, 24.5}}, {"committed", {799, 20, 35}}};
  report.load = report.still = report.steady = steady;
  report.load_part = 0.8;
  return report;
}

}  // namespace

TEST_CASE("a report is one JSON object") {
  const auto report = boost::json::parse(to_json(full())).as_object();
  const auto& throughput = report.at("throughput").as_object();
  CHECK(throughput.at("efficiency").to_number<double>() == doctest::Approx(0.955));
  CHECK(throughput.at("slices").as_array().size() == 2);
  const auto& load = report.at("load").as_object();
  CHECK(load.at("skipped_share").to_number<double>() == doctest::Approx(0.00125).epsilon(0.05));
  CHECK(load.at("fps").to_number<double>() == doctest::Approx(79.9));
  CHECK(load.at("ms").at("committed").at("p99").to_number<double>() == 35);
  CHECK(report.contains("still"));
  CHECK(report.contains("steady"));
}

TEST_CASE("what was not measured is not there") {
  const auto report = boost::json::parse(to_json(PipelineReport{})).as_object();
  for (const char* part : {"throughput", "load", "still", "steady"}) CHECK_FALSE(report.contains(part));
}

TEST_CASE("the table says how much later than its inference an observation comes") {
  const std::string table = to_table(full());
  const std::size_t line = table.find("p99 to the observation beyond inference");
  REQUIRE(line != std::string::npos);
  CHECK(table.substr(line, table.find('\n', line) - line).find(" 12.5 ") != std::string::npos);
  CHECK(table.find("0.955") != std::string::npos);
}
