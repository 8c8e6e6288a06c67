#include "analysis/state.hpp"

#include <doctest/doctest.h>

using namespace perch;
using namespace std::chrono_literals;
using analysis::state::Config;

namespace {

const std::vector<std::string> kLabels{"cold", "warm", "hot"};

struct Rig {
  std::unique_ptr<Analysis> analysis;
  Nanoseconds at{0};

  explicit Rig(const Config& config, std::vector<Region> regions = {}) {
    auto made = analysis::state::create(config, {kLabels, std::move(regions)});
    REQUIRE(made);
    analysis = std::move(*made);
  }

  Observation look(std::vector<std::vector<float>> p, Nanoseconds later = 1s) {
    Frame frame;
    frame.stamp.monotonic = at += later;
    Findings findings;
    for (std::vector<float>& one : p) findings.scores.push_back({static_cast<int>(findings.scores.size()), one});
    auto seen = analysis->update(frame, findings);
    REQUIRE(seen);
    return *seen;
  }

  std::string state(std::vector<float> p, Nanoseconds later = 1s) {
    const Observation seen = look({std::move(p)}, later);
    if (seen.status == Status::unknown) return "unknown: " + seen.reason;
    return std::get<std::string>(seen.values.at(0).value);
  }
};

}  // namespace

TEST_CASE("a state is entered when it is sure and left only when it no longer holds") {
  Rig rig({.enter = 0.6F, .leave = 0.4F});
  CHECK(rig.state({0.5F, 0.3F, 0.2F}) == "unknown: in the picture 'cold' is not sure enough, 0.50 of 0.60");
  CHECK(rig.state({0.7F, 0.2F, 0.1F}) == "cold");
  CHECK(rig.state({0.42F, 0.58F, 0}) == "cold");
  CHECK(rig.state({0.39F, 0.61F, 0}) == "warm");
  CHECK(rig.state({0.5F, 0.45F, 0.05F}) == "warm");
  CHECK(rig.state({0.35F, 0.35F, 0.3F}) == "unknown: in the picture 'cold' is not sure enough, 0.35 of 0.60");
  CHECK(rig.state({0, 0.1F, 0.9F}) == "hot");
}

TEST_CASE("a change counts once it has lasted, and what comes between begins it anew") {
  Rig rig({.hold = 5s});
  CHECK(rig.state({1, 0, 0}) == "unknown: in the picture 'cold' has not lasted long enough yet");
  CHECK(rig.state({1, 0, 0}, 5s) == "cold");
  CHECK(rig.state({0, 0, 1}) == "cold");
  CHECK(rig.state({0, 0, 1}, 4s) == "cold");
  CHECK(rig.state({1, 0, 0}) == "cold");
  CHECK(rig.state({0, 0, 1}) == "cold");
  CHECK(rig.state({0, 0, 1}, 5s) == "hot");
}

TEST_CASE("scores are given with four decimals, and the confidence is that of the state") {
  Rig rig({.scores = true});
  const Observation seen = rig.look({{0.123456F, 0.8F, 0.076544F}});
  REQUIRE(seen.values.size() == 4);
  CHECK(seen.values[1].name == "cold");
  CHECK(std::get<double>(seen.values[1].value) == doctest::Approx(0.1235).epsilon(1e-9));
  CHECK(seen.confidence == doctest::Approx(0.8));
  CHECK(rig.analysis->outputs()[0].kind == OutputKind::state);
  CHECK(rig.analysis->outputs()[3].decimals == 4);
}

TEST_CASE("every region has a state of its own, and one that is not sure makes it unknown") {
  Rig rig({}, {{0, {}, "left"}, {1, {}, ""}});
  CHECK(rig.analysis->outputs()[0].name == "state_left");
  CHECK(rig.analysis->outputs()[1].name == "state_2");
  Observation seen = rig.look({{1, 0, 0}, {0, 0, 1}});
  CHECK(std::get<std::string>(seen.values[1].value) == "hot");
  seen = rig.look({{1, 0, 0}, {0.3F, 0.4F, 0.3F}});
  CHECK(seen.status == Status::unknown);
  CHECK(seen.reason.starts_with("in region 2"));
  CHECK(rig.look({{1, 0, 0}}).reason == "the model said nothing about region 2");
}

TEST_CASE("a model without labels and thresholds the wrong way round are errors") {
  CHECK(analysis::state::create({}, {{}, {}}).error().code == Errc::mismatch);
  CHECK(analysis::state::create({.enter = 0.3F, .leave = 0.5F}, {kLabels, {}}).error().where == "leave");
}
