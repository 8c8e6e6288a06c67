#include "net/backoff.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using perch::ManualClock;
using perch::net::Backoff;
using perch::net::BackoffPolicy;

namespace {

const BackoffPolicy kPolicy{.first = 100ms, .most = 1000ms, .factor = 2, .jitter = 0.5};

}  // namespace

TEST_CASE("waits double up to their limit") {
  const ManualClock clock;
  Backoff backoff(kPolicy, clock, [] { return 0.0; });
  CHECK(backoff.failed() == 100ms);
  CHECK(backoff.failed() == 200ms);
  CHECK(backoff.failed() == 400ms);
  CHECK(backoff.failed() == 800ms);
  CHECK(backoff.failed() == 1000ms);
  for (int i = 0; i < 5000; ++i) CHECK(backoff.failed() == 1000ms);
  CHECK(backoff.failures() == 5005);
}

TEST_CASE("a success starts the waits anew") {
  const ManualClock clock;
  Backoff backoff(kPolicy, clock, [] { return 0.0; });
  backoff.failed();
  backoff.failed();
  backoff.succeeded();
  CHECK(backoff.failures() == 0);
  CHECK(backoff.remaining() == 0ns);
  CHECK(backoff.failed() == 100ms);
}

TEST_CASE("jitter shortens a wait by its share and no more") {
  const ManualClock clock;
  double chance = 0;
  Backoff backoff(kPolicy, clock, [&] { return chance; });
  chance = 0.5;
  CHECK(backoff.failed() == 75ms);
  chance = 1;
  CHECK(backoff.failed() == 100ms);
  chance = 7;
  CHECK(backoff.failed() == 200ms);
}

TEST_CASE("the wait runs on the clock it was given") {
  ManualClock clock;
  Backoff backoff(kPolicy, clock, [] { return 0.0; });
  CHECK(backoff.remaining() == 0ns);
  backoff.failed();
  CHECK(backoff.remaining() == 100ms);
  clock.advance(60ms);
  CHECK(backoff.remaining() == 40ms);
  clock.set_wall(perch::UtcTime{});
  CHECK(backoff.remaining() == 40ms);
  clock.advance(60ms);
  CHECK(backoff.remaining() == 0ns);
}

TEST_CASE("sixteen cameras that fail together do not return together") {
  const ManualClock clock;
  std::set<perch::Nanoseconds> waits;
  for (int i = 0; i < 16; ++i) waits.insert(Backoff(kPolicy, clock, perch::net::machine_random()).failed());
  CHECK(waits.size() == 16);
  CHECK(*waits.begin() >= 50ms);
  CHECK(*waits.rbegin() <= 100ms);
}
