#include "analysis/hottest.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace perch;
using analysis::hottest::create;

namespace {

Frame frame_of(ThermalGrid grid) {
  Frame frame;
  frame.payload = std::move(grid);
  return frame;
}

/// 24 × 32 at 21 °C, with a pipe at 64.26 °C in cell (7, 3) and frost at −2 °C in cell (30, 20).
Frame pipe() {
  ThermalGrid grid{24, 32, std::vector<float>(24 * 32, 21)};
  grid.celsius[3 * 32 + 7] = 64.26F;
  grid.celsius[20 * 32 + 30] = -2;
  return frame_of(std::move(grid));
}

double number(const Observation& observation, std::string_view name) {
  for (const Value& value : observation.values) {
    if (value.name != name) continue;
    if (const auto* whole = std::get_if<std::int64_t>(&value.value)) return static_cast<double>(*whole);
    return std::get<double>(value.value);
  }
  FAIL("no value ", name);
  return 0;
}

Region region(Box box) {
  return {0, Quad::from_box(box), {}};
}

}  // namespace

TEST_CASE("the extremes of the whole grid, with their places") {
  const auto made = create({}, {}).value();
  const Observation seen = made->update(pipe(), {}).value();
  CHECK(seen.status == Status::ok);
  CHECK(number(seen, "max") == 64.3);
  CHECK(number(seen, "max_x") == 7);
  CHECK(number(seen, "max_y") == 3);
  CHECK(number(seen, "min") == -2);
  CHECK(number(seen, "min_x") == 30);
  CHECK(number(seen, "min_y") == 20);
  CHECK(number(seen, "mean") == 21);
  CHECK(number(seen, "repaired") == 0);
  CHECK(seen.confidence == 1);
  REQUIRE(made->outputs().size() == seen.values.size());
  for (std::size_t i = 0; i < seen.values.size(); ++i) CHECK(made->outputs()[i].name == seen.values[i].name);
  CHECK(made->outputs()[0].unit == "°C");
  CHECK(made->outputs()[0].decimals == 1);
}

TEST_CASE("each region has its own, of the cells whose centres lie in it") {
  AnalysisContext context;
  context.regions = {region({0, 0, 16, 24}), region({29.4F, 19.4F, 2, 2})};
  context.regions[1].name = "door";
  const auto made = create({.places = false}, context).value();
  const Observation seen = made->update(pipe(), {}).value();
  CHECK(number(seen, "max_1") == 64.3);
  CHECK(number(seen, "min_1") == 21);
  CHECK(number(seen, "max_door") == 21);
  CHECK(number(seen, "min_door") == -2);
  CHECK(number(seen, "mean_door") == 15.3);
  CHECK(made->outputs().size() == 7);
}

TEST_CASE("filled values are counted and lower the confidence") {
  const auto made = create({}, {}).value();
  ThermalGrid grid{2, 2, {20, 20, 20, 20}};
  grid.repaired = 1;
  const Observation seen = made->update(frame_of(std::move(grid)), {}).value();
  CHECK(number(seen, "repaired") == 1);
  CHECK(seen.confidence == 0.75F);
}

TEST_CASE("what shows no temperature there is unknown, with the reason") {
  const auto whole = create({}, {}).value();
  Frame record;
  record.payload = Record{};
  CHECK(whole->update(record, {}).value().reason == "the frame is no thermal grid");
  CHECK(whole->update(frame_of({2, 2, {1, 2, 3}}), {}).value().status == Status::unknown);
  CHECK(whole->update(frame_of({1, 1, {NAN}}), {}).value().reason == "the grid has no temperature");

  AnalysisContext context;
  context.regions = {region({0, 0, 4, 4}), region({100, 100, 4, 4})};
  const Observation outside = create({}, context).value()->update(pipe(), {}).value();
  CHECK(outside.status == Status::unknown);
  CHECK(outside.reason == "region 2 holds no temperature of the 32 × 24 grid");
  CHECK(outside.values.empty());
}
