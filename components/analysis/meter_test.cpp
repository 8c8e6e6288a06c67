#include "analysis/meter.hpp"

#include <doctest/doctest.h>

using namespace perch;
using namespace std::chrono_literals;
using analysis::meter::Config;

namespace {

std::vector<Region> windows(int count) {
  std::vector<Region> regions;
  for (int i = 0; i < count; ++i) regions.push_back({i, {}, {}});
  return regions;
}

/// A wheel seen at a position in tenths. `noise` makes looks differ.
Digit wheel(int region, int position, float noise) {
  Digit digit{region, std::vector<float>(100, 0.0005F)};
  digit.p[static_cast<std::size_t>(position % 100)] = 0.95F - noise;
  return digit;
}

struct Rig {
  std::unique_ptr<Analysis> analysis;
  Nanoseconds at{0};
  float noise = 0;

  explicit Rig(const Config& config, int wheels) {
    auto made = analysis::meter::create(config, {{}, windows(wheels)});
    if (!made) FAIL(made.error().message());
    analysis = std::move(*made);
  }

  Observation look(const std::vector<int>& positions, Nanoseconds later = 1min, bool same_picture = false) {
    Frame frame;
    frame.stamp.monotonic = at += later;
    if (!same_picture) noise += 0.0001F;
    Findings findings;
    for (const int position : positions)
      findings.digits.push_back(wheel(static_cast<int>(findings.digits.size()), position, noise));
    auto seen = analysis->update(frame, findings);
    REQUIRE(seen);
    CHECK(seen->stamp.monotonic == at);
    return *seen;
  }
};

double value(const Observation& seen) {
  return seen.values.empty() ? -1 : std::get<double>(seen.values.at(0).value);
}

}  // namespace

TEST_CASE("a counter with unit and decimals, and a rate in its unit an hour") {
  Rig rig({.unit = "kWh", .decimals = 1}, 6);
  REQUIRE(rig.analysis->outputs().size() == 2);
  CHECK(rig.analysis->outputs()[0].name == "value");
  CHECK(rig.analysis->outputs()[0].kind == OutputKind::counter);
  CHECK(rig.analysis->outputs()[0].decimals == 1);
  CHECK(rig.analysis->outputs()[1].unit == "kW");
  CHECK(Rig({.unit = "m³"}, 5).analysis->outputs()[1].unit == "m³/h");
  Observation seen;
  for (int i = 0; i < 3; ++i) seen = rig.look({50, 10, 30, 40, 50, 93});
  CHECK(seen.status == Status::ok);
  CHECK(value(seen) == doctest::Approx(51345.9));
  CHECK(seen.findings.digits.size() == 6);
}

TEST_CASE("a reading that cannot have come about is unknown, says why, and carries no value") {
  Rig rig({.unit = "kWh", .decimals = 1}, 6);
  CHECK(rig.look({50, 10, 30, 40, 50, 93}).reason == "it seems to show 51345.9, and waits for other looks to agree");
  for (int i = 0; i < 5; ++i) rig.look({50, 10, 30, 40, 50, 93});
  const Observation seen = rig.look({90, 80, 30, 40, 50, 93});
  CHECK(seen.status == Status::unknown);
  CHECK(seen.values.empty());
  CHECK(seen.reason == "it seems to show 98345.9, which does not follow from 51345.9");
  CHECK(value(rig.look({50, 10, 30, 40, 50, 94})) == doctest::Approx(51345.9));
}

TEST_CASE("the same picture again is no second opinion") {
  Rig rig({}, 4);
  rig.look({10, 20, 30, 40});
  for (int i = 0; i < 10; ++i) CHECK(rig.look({10, 20, 30, 40}, 1min, true).status == Status::unknown);
  rig.look({10, 20, 30, 40});
  CHECK(rig.look({10, 20, 30, 40}).status == Status::ok);
  CHECK(rig.look({10, 20, 30, 40}, 1min, true).status == Status::ok);
}

TEST_CASE("wheels that were not read are unknown") {
  Rig rig({}, 4);
  CHECK(rig.look({10, 20, 30}).reason == "3 of 4 wheels were read");
}

TEST_CASE("mistakes in the configuration say what to do") {
  const auto error = [](const Config& config, int wheels) {
    const auto made = analysis::meter::create(config, {{}, windows(wheels)});
    REQUIRE_FALSE(made);
    return made.error();
  };
  CHECK(error({}, 0).where == "regions");
  CHECK(error({}, 15).where == "regions");
  CHECK(error({.decimals = 5}, 5).what == "5 decimals of 5 wheels");
  CHECK(error({.decimals = 1, .initial = 10'000.0}, 5).remedy == "it must be below 10000");
}
