#include <map>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "support/program.hpp"

using namespace perch;
namespace json = boost::json;

// Those that need longer to be known for sure are not here: `perch bench faults` waits for them too, and
// src/pipeline/health_nodes_test.cpp has them at simulated times.
TEST_CASE("the faults of cameras are named as what they are, and their ends are noticed") {
  const std::map<std::string, std::string> expected{{"frozen", "frozen"},  {"dark", "dark"}, {"hang", "gone"},
                                                    {"drip", "gone"},      {"flap", "gone"}, {"truncate", "broken"},
                                                    {"garbage", "broken"}, {"", ""}};
  std::vector<std::string> command{PERCH_PROGRAM, "bench",          "faults", "--json",     "--small", "--every",
                                   "300ms",       "--timeout",      "1s",     "--well",     "4s",      "--ill",
                                   "5s",          "--frozen-after", "2s",     "--patience", "30s"};
  for (const auto& [fault, health] : expected)
    if (!fault.empty()) command.insert(command.end(), {"--fault", fault});
  const test::Finished f = test::run_program(command);
  REQUIRE_MESSAGE(f.status == 0, f.err);
  const json::value report = json::parse(f.out);
  CHECK(report.at("faults").as_array().size() == expected.size());
  for (const json::value& row : report.at("faults").as_array()) {
    const std::string fault(row.at("fault").as_string());
    CAPTURE(fault);
    REQUIRE(expected.contains(fault));
    CHECK(row.at("named").as_string() == expected.at(fault));
    CHECK(row.at("false_alarms").as_string() == "");
    if (fault.empty()) continue;
    CHECK(row.at("recovered_s").to_number<double>() >= 0);
    CHECK_FALSE(row.at("reason").as_string().empty());
  }
}

TEST_CASE("a fault that there is not is told with what was meant") {
  const test::Finished f = test::run_program({PERCH_PROGRAM, "bench", "faults", "--fault", "dakr"});
  CHECK(f.status == 2);
  CHECK(f.err.find("dark") != std::string::npos);
}
