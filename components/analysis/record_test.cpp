#include "analysis/record.hpp"

#include <doctest/doctest.h>

#include "support/component.hpp"

using namespace perch;

namespace {

Frame row() {
  Frame frame;
  frame.payload = Record{{{"Speed (MPH)", 61.5634},
                          {"Engine RPM", std::int64_t{2146}},
                          {"Lamp", true},
                          {"Belt", std::int64_t{0}},
                          {"Gear", std::string("D")}}};
  return frame;
}

Result<std::unique_ptr<Analysis>> made(std::string_view toml) {
  return test::all_components().make_analysis(test::component(toml), {});
}

}  // namespace

TEST_CASE("without a list every signal is passed on as it came") {
  const auto all = made("kind = 'record'").value();
  CHECK(all->outputs().empty());
  const Observation seen = all->update(row(), {}).value();
  CHECK(seen.status == Status::ok);
  REQUIRE(seen.values.size() == 5);
  CHECK(seen.values[0].name == "Speed (MPH)");
  CHECK(std::get<double>(seen.values[0].value) == 61.5634);
  CHECK(std::get<std::int64_t>(seen.values[1].value) == 2146);
  CHECK(std::get<bool>(seen.values[2].value));
  CHECK(std::get<std::string>(seen.values[4].value) == "D");
}

TEST_CASE("listed signals are outputs with name, unit, kind and decimals") {
  const auto some = made(R"toml(kind = 'record'
signals = [{ name = "Speed (MPH)", output = "speed", unit = "mph", decimals = 1 }, { name = "Belt", kind = "flag" },
           { name = "Gear", kind = "state" }, { name = "Engine RPM", kind = "counter" }])toml")
                        .value();
  REQUIRE(some->outputs().size() == 4);
  CHECK(some->outputs()[0].name == "speed");
  CHECK(some->outputs()[0].unit == "mph");
  CHECK(some->outputs()[1].kind == OutputKind::flag);
  const Observation seen = some->update(row(), {}).value();
  CHECK(seen.status == Status::ok);
  REQUIRE(seen.values.size() == 4);
  CHECK(std::get<double>(seen.values[0].value) == 61.6);
  CHECK_FALSE(std::get<bool>(seen.values[1].value));
  CHECK(std::get<std::string>(seen.values[2].value) == "D");
  CHECK(std::get<std::int64_t>(seen.values[3].value) == 2146);
}

TEST_CASE("a record that lacks some of them is uncertain, one without any unknown, and both say which") {
  const auto some = made("kind = 'record'\nsignals = [{ name = 'Gear' }, { name = 'Lamp', kind = 'flag' }]").value();
  const Observation seen = some->update(row(), {}).value();
  CHECK(seen.status == Status::uncertain);
  CHECK(seen.reason == "the record has no Gear");  // a name is no number
  CHECK(seen.values.size() == 1);
  Frame empty;
  empty.payload = Record{};
  CHECK(some->update(empty, {}).value().status == Status::unknown);
  CHECK(some->update(empty, {}).value().reason == "the record has no Gear, Lamp");
  CHECK(made("kind = 'record'").value()->update(empty, {}).value().reason == "the record is empty");
  Frame grid;
  grid.payload = ThermalGrid{};
  CHECK(some->update(grid, {}).value().reason == "the frame is no record of signals");
}

TEST_CASE("two outputs of one name are refused") {
  const auto twice = made("kind = 'record'\nsignals = [{ name = 'a' }, { name = 'b', output = 'a' }]");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Errc::invalid);
}
