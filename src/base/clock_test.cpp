#include "base/clock.hpp"

#include <thread>

#include <doctest/doctest.h>

using namespace perch;
using namespace std::chrono_literals;

TEST_CASE("a time is read back as it was written") {
  for (const std::string text : {"2026-11-21T02:13:24.118Z", "1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z",
                                 "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.000Z"}) {
    CAPTURE(text);
    const auto time = parse_utc(text);
    REQUIRE(time);
    CHECK(to_string(*time) == text);
  }
  CHECK(parse_utc("2026-11-21T02:13:24Z")->time_since_epoch() == 1'795'227'204'000ms);
  CHECK(to_string(*parse_utc("2026-11-21T02:13:24.5Z")) == "2026-11-21T02:13:24.500Z");
}

TEST_CASE("what is no time in UTC is refused") {
  for (const std::string bad :
       {"", "now", "2026-11-21", "2026-11-21T02:13:24", "2026-11-21T02:13:24+01:00", "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T02:60:00Z", "2026-11-21T02:13:60Z",
        "2026-11-21T02:13:24.Z", "2026-11-21T02:13:24.1234Z", "2026--1-21T02:13:24Z", "2026-11-21 02:13:24Z",
        "2026-11-21T02:13:24.-1Z", "x026-11-21T02:13:24Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_utc(bad));
  }
}

TEST_CASE("a manual clock moves only when told to, and keeps what is less than a millisecond") {
  ManualClock clock;
  const Stamp start = clock.stamp();
  CHECK(clock.stamp().monotonic == start.monotonic);
  clock.advance(400us);
  CHECK(clock.now() == start.at);
  clock.advance(700us);
  CHECK(clock.now() == start.at + 1ms);
  CHECK(clock.monotonic() == start.monotonic + 1100us);
}

TEST_CASE("a corrected wall clock leaves the monotonic one alone") {
  ManualClock clock;
  clock.advance(5s);
  clock.set_wall(UtcTime{});
  CHECK(clock.now() == UtcTime{});
  CHECK(clock.monotonic() == 5s);
}

TEST_CASE("a manual clock can be moved and read by several threads") {
  ManualClock clock;
  const UtcTime start = clock.now();
  {
    std::vector<std::jthread> movers;
    for (int i = 0; i < 4; ++i)
      movers.emplace_back([&] {
        for (int step = 0; step < 1000; ++step) {
          clock.advance(500us);
          static_cast<void>(clock.stamp());
        }
      });
  }
  CHECK(clock.monotonic() == 2s);
  CHECK(clock.now() == start + 2s);
}

TEST_CASE("the machine's clock does not go back within a boot, and names the boot") {
  const SystemClock clock;
  const Nanoseconds before = clock.monotonic();
  CHECK(clock.monotonic() >= before);
  CHECK(clock.now() > *parse_utc("2020-01-01T00:00:00Z"));
  CHECK_FALSE(clock.boot().value.empty());
  CHECK(clock.boot() == SystemClock().boot());
}
