#include "analysis/anomaly.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace perch;
using analysis::anomaly::Config;
using analysis::anomaly::create;

namespace {

/// A map of 2 × 4 cells over a frame of 32 × 24, highest in row 1, column 3.
Findings scored(double score, int region = 0) {
  Findings findings;
  findings.numbers.push_back({region, "score", score});
  Grid grid{region, 2, 4, std::vector<float>(8, 0.1F), Quad::from_box({0, 0, 32, 24})};
  grid.value[7] = static_cast<float>(score);
  findings.grids.push_back(std::move(grid));
  return findings;
}

const Value* find(const Observation& observation, std::string_view name) {
  const auto found = std::ranges::find(observation.values, name, &Value::name);
  return found == observation.values.end() ? nullptr : &*found;
}

bool flag(const Observation& observation) {
  const Value* value = find(observation, "anomaly");
  REQUIRE(value);
  return std::get<bool>(value->value);
}

double number(const Observation& observation, std::string_view name) {
  const Value* value = find(observation, name);
  REQUIRE(value);
  return std::get<double>(value->value);
}

}  // namespace

TEST_CASE("the flag rises after three scores in a row above the threshold, and falls after three well below") {
  const auto made = create({}, {}).value();
  const Frame frame;
  const std::vector<double> scores{1.2, 1.2, 0.5, 1.2, 1.1, 1.3, 0.9, 0.9, 0.9, 0.7, 0.7, 0.7};
  std::vector<bool> flags;
  for (const double score : scores) flags.push_back(flag(made->update(frame, scored(score)).value()));
  CHECK(flags == std::vector{false, false, false, false, false, true, true, true, true, true, true, false});
}

TEST_CASE("it tells the score, where the heat map is highest, and passes the map on") {
  const auto made = create({}, {}).value();
  const Observation seen = made->update({}, scored(1.25)).value();
  CHECK(seen.status == Status::ok);
  CHECK(number(seen, "score") == 1.25);
  CHECK(number(seen, "x") == doctest::Approx(28));
  CHECK(number(seen, "y") == doctest::Approx(18));
  CHECK(seen.confidence == 0.5F);
  REQUIRE(seen.findings.grids.size() == 1);
  CHECK(seen.findings.grids[0].value.size() == 8);
  REQUIRE(made->outputs().size() == seen.values.size());
  for (std::size_t i = 0; i < seen.values.size(); ++i) CHECK(made->outputs()[i].name == seen.values[i].name);
}

TEST_CASE("of several regions the one with the highest score counts") {
  Findings both = scored(0.5, 0);
  const Findings second = scored(2, 1);
  both.numbers.push_back(second.numbers[0]);
  both.grids.push_back(second.grids[0]);
  both.grids[1].corners_px = Quad::from_box({100, 0, 32, 24});
  const Observation seen = create({}, {}).value()->update({}, both).value();
  CHECK(number(seen, "score") == 2);
  CHECK(number(seen, "x") == doctest::Approx(128));
}

TEST_CASE("the threshold can be set, in units of the model's own") {
  Config config;
  config.threshold = 2;
  config.frames = 1;
  const auto made = create(config, {}).value();
  CHECK_FALSE(flag(made->update({}, scored(1.9)).value()));
  CHECK(flag(made->update({}, scored(2)).value()));
}

TEST_CASE("without a score the observation is unknown and has no values, and the count begins anew") {
  Config config;
  config.frames = 2;
  const auto made = create(config, {}).value();
  CHECK_FALSE(flag(made->update({}, scored(3)).value()));
  for (const Findings& nothing : {Findings{}, scored(std::numeric_limits<double>::quiet_NaN())}) {
    const Observation seen = made->update({}, nothing).value();
    CHECK(seen.status == Status::unknown);
    CHECK(seen.reason == "the model gave no score");
    CHECK(seen.values.empty());
  }
  CHECK_FALSE(flag(made->update({}, scored(3)).value()));
  CHECK(flag(made->update({}, scored(3)).value()));
}

TEST_CASE("a grid of which much was filled in is uncertain and does not raise the flag") {
  Config config;
  config.frames = 1;
  const auto made = create(config, {}).value();
  Frame frame;
  ThermalGrid grid{2, 10, std::vector<float>(20, 21.0F)};
  grid.repaired = 2;
  frame.payload = grid;
  const Observation seen = made->update(frame, scored(5)).value();
  CHECK(seen.status == Status::uncertain);
  CHECK(seen.reason == "2 of 20 cells were filled in");
  CHECK_FALSE(flag(seen));
  grid.repaired = 1;
  frame.payload = grid;
  CHECK(flag(made->update(frame, scored(5)).value()));
}
