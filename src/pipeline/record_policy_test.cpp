#include "pipeline/record_policy.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using perch::Nanoseconds;
using perch::Observation;
using perch::Output;
using perch::OutputKind;
using perch::Status;
using perch::Value;
using perch::pipeline::Recorder;
using perch::pipeline::RecordPolicy;
using Kind = perch::pipeline::RecordPolicy::Kind;

namespace {

const std::vector<Output> kOutputs{{"cars", "", OutputKind::gauge, 0},
                                   {"celsius", "°C", OutputKind::gauge, 1},
                                   {"kwh", "kWh", OutputKind::counter, 1},
                                   {"state", "", OutputKind::state, 0},
                                   {"open", "", OutputKind::flag, 0}};

/// One task: what of its observations is kept.
struct Task {
  Recorder recorder;
  Nanoseconds interval = 1s;
  Nanoseconds now{0};
  std::string boot = "one";

  explicit Task(std::string_view record) : recorder(RecordPolicy::parse(record).value(), kOutputs) {}

  bool at(Nanoseconds time, Status status, std::vector<Value> values = {}, std::string reason = {}) {
    now = time;
    Observation observation;
    observation.stamp = {.at = {}, .boot = {boot}, .monotonic = time};
    observation.status = status;
    observation.reason = std::move(reason);
    observation.values = std::move(values);
    return recorder.wants(observation);
  }

  bool next(Status status, std::vector<Value> values = {}, std::string reason = {}) {
    return at(now + interval, status, std::move(values), std::move(reason));
  }

  bool ok(std::string name, decltype(Value::value) value) {
    return next(Status::ok, {{std::move(name), std::move(value)}});
  }
};

std::int64_t count(std::int64_t n) {
  return n;
}

}  // namespace

TEST_CASE("a record policy is a word or a duration, and reads back as it was written") {
  CHECK(RecordPolicy::parse("every") == RecordPolicy{Kind::every, 0s});
  CHECK(RecordPolicy::parse("change") == RecordPolicy{Kind::change, 0s});
  CHECK(RecordPolicy::parse("5m") == RecordPolicy{Kind::interval, 5min});
  for (const std::string_view text : {"every", "change", "100ms", "90s", "1h", "7d"}) {
    const RecordPolicy policy = RecordPolicy::parse(text).value();
    CHECK(RecordPolicy::parse(policy.text()) == policy);
  }
}

TEST_CASE("a record policy that is none says what was meant or what there is") {
  struct Case {
    std::string_view text, remedy;
  };

  for (const Case& c :
       {Case{"evry", "did you mean 'every'?"}, Case{"changes", "did you mean 'change'?"},
        Case{"sometimes", "give \"every\", \"change\" or a duration such as \"5m\""},
        Case{"", "give \"every\", \"change\" or a duration such as \"5m\""}, Case{"10ms", "use \"every\" to keep all"},
        Case{"0s", "use \"every\" to keep all"}, Case{"30d", ""}}) {
    CAPTURE(c.text);
    const auto policy = RecordPolicy::parse(c.text);
    REQUIRE_FALSE(policy);
    CHECK(policy.error().code == perch::Errc::invalid);
    CHECK(policy.error().remedy == c.remedy);
  }
}

TEST_CASE("the first observation is kept under every policy, whatever its status") {
  for (const std::string_view record : {"every", "change", "1h"})
    for (const Status status : {Status::ok, Status::still, Status::uncertain, Status::unknown}) {
      Task task(record);
      CHECK(task.next(status));
    }
}

TEST_CASE("a change of status is kept under every policy, but ok and still are the same knowledge") {
  for (const std::string_view record : {"change", "1h"}) {
    CAPTURE(record);
    Task task(record);
    const std::vector<Value> three{{"cars", count(3)}};
    CHECK(task.next(Status::ok, three));
    CHECK_FALSE(task.next(Status::still, three));
    CHECK_FALSE(task.next(Status::ok, three));
    CHECK(task.next(Status::unknown, {}, "too dark"));
    CHECK_FALSE(task.next(Status::unknown, {}, "blurred"));
    CHECK(task.next(Status::uncertain, three));
    CHECK_FALSE(task.next(Status::uncertain, three));
    CHECK(task.next(Status::still, three));
  }
}

TEST_CASE("every keeps each look, and what was not looked at anew is no look") {
  Task task("every");
  CHECK(task.ok("cars", count(3)));
  CHECK(task.ok("cars", count(3)));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(task.next(Status::still, {{"cars", count(3)}}));
  CHECK(task.ok("cars", count(3)));
  CHECK(task.next(Status::unknown));
  CHECK(task.next(Status::unknown));
  CHECK(task.next(Status::still, {{"cars", count(3)}}));
}

TEST_CASE("change keeps counts that differ; zero is a value like any other") {
  Task task("change");
  CHECK(task.ok("cars", count(0)));
  CHECK_FALSE(task.ok("cars", count(0)));
  CHECK(task.ok("cars", count(1)));
  CHECK_FALSE(task.ok("cars", count(1)));
  CHECK(task.ok("cars", count(0)));
  CHECK(task.ok("cars", count(-1)));
}

TEST_CASE("change keeps states and flags that differ") {
  Task task("change");
  const auto seen = [&](std::string state, bool open) {
    return task.next(Status::ok, {{"state", std::move(state)}, {"open", open}});
  };
  CHECK(seen("cold", false));
  CHECK_FALSE(seen("cold", false));
  CHECK(seen("hot", false));
  CHECK(seen("hot", true));
  CHECK_FALSE(seen("hot", true));
}

TEST_CASE("a gauge must leave its rounding by another half unit") {
  Task task("change");
  CHECK(task.ok("celsius", 20.02));
  for (const double noise : {20.04, 20.06, 19.95, 20.09, 19.91}) CHECK_FALSE(task.ok("celsius", noise));
  CHECK(task.ok("celsius", 20.1));
  CHECK_FALSE(task.ok("celsius", 20.05));
  CHECK_FALSE(task.ok("celsius", 20.01));
  CHECK(task.ok("celsius", 20.0));
}

TEST_CASE("noise at the edge of two roundings makes no readings") {
  Task task("change");
  CHECK(task.ok("celsius", 20.05));
  int kept = 0;
  for (int i = 0; i < 100; ++i) kept += task.ok("celsius", i % 2 == 0 ? 20.049 : 20.051);
  CHECK(kept == 0);
}

TEST_CASE("a drift is kept step by step, and none of a meter's steps is lost") {
  Task gauge("change");
  int kept = 0;
  for (int i = 0; i <= 1000; ++i) kept += gauge.ok("celsius", 20 + i * 0.005);
  CHECK(kept >= 46);
  CHECK(kept <= 51);
  Task meter("change");
  for (int i = 0; i < 3000; ++i) {
    CHECK(meter.ok("kwh", 51345.9 + i * 0.1));
    CHECK_FALSE(meter.ok("kwh", 51345.9 + i * 0.1));
  }
}

TEST_CASE("small steps do not add up unseen: what was kept is compared with, not what came before") {
  Task task("change");
  CHECK(task.ok("celsius", 20.0));
  CHECK_FALSE(task.ok("celsius", 20.06));
  CHECK(task.ok("celsius", 20.12));
}

TEST_CASE("a value that appears, goes or is not a number is a change once") {
  Task task("change");
  const double none = std::numeric_limits<double>::quiet_NaN();
  CHECK(task.next(Status::ok, {}));
  CHECK(task.ok("celsius", 20.0));
  CHECK(task.next(Status::ok, {{"celsius", 20.0}, {"cars", count(0)}}));
  CHECK_FALSE(task.next(Status::ok, {{"cars", count(0)}, {"celsius", 20.0}}));
  CHECK(task.ok("cars", count(0)));
  CHECK(task.ok("celsius", none));
  CHECK_FALSE(task.ok("celsius", none));
  CHECK(task.ok("celsius", 20.0));
  CHECK(task.ok("celsius", std::numeric_limits<double>::infinity()));
  CHECK_FALSE(task.ok("celsius", std::numeric_limits<double>::infinity()));
}

TEST_CASE("a value without a declared output is compared exactly") {
  Task task("change");
  CHECK(task.ok("other", 1.0));
  CHECK_FALSE(task.ok("other", 1.0));
  CHECK(task.ok("other", 1.0000001));
}

TEST_CASE("a value that changed while it was unknown is kept when it is known again, and compared with afterwards") {
  Task task("change");
  CHECK(task.ok("cars", count(3)));
  CHECK(task.next(Status::unknown));
  CHECK(task.ok("cars", count(5)));
  CHECK_FALSE(task.ok("cars", count(5)));
}

TEST_CASE("an interval keeps one a period without drifting, still or not") {
  Task task("1m");
  task.interval = 700ms;
  std::vector<Nanoseconds> kept;
  for (int i = 0; i < 6000; ++i)
    if (task.next(i % 3 == 0 ? Status::ok : Status::still)) kept.push_back(task.now);
  CHECK(kept.size() == 70);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const Nanoseconds off = kept[i] - kept[0] - static_cast<std::int64_t>(i) * 60s;
    CHECK(off >= -350ms);
    CHECK(off <= 350ms);
  }
}

TEST_CASE("a camera asked once a period is kept every time although its frames come a little early or late") {
  Task task("1m");
  int kept = 0;
  for (int i = 0; i < 100; ++i) kept += task.at(i * 60s + (i * 37 % 11 - 5) * 1s + 10s, Status::ok);
  CHECK(kept == 100);
}

TEST_CASE("a change of status does not move the grid, and a pause is not made up for") {
  Task task("1m");
  CHECK(task.at(0s, Status::ok));
  CHECK(task.at(30s, Status::unknown));
  CHECK(task.at(31s, Status::ok));
  CHECK_FALSE(task.at(32s, Status::ok));
  CHECK(task.at(60s, Status::ok));
  CHECK(task.at(600s, Status::ok));
  CHECK_FALSE(task.at(601s, Status::ok));
  CHECK_FALSE(task.at(602s, Status::ok));
  CHECK(task.at(660s, Status::ok));
}

TEST_CASE("a new boot begins anew, for its clock does") {
  Task task("1h");
  CHECK(task.at(5000s, Status::ok));
  CHECK_FALSE(task.at(5001s, Status::ok));
  task.boot = "two";
  CHECK(task.at(10s, Status::ok));
  CHECK_FALSE(task.at(11s, Status::ok));
}
