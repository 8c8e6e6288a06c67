#include "pipeline/intake.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using perch::CameraId;
using perch::Nanoseconds;
using perch::pipeline::FrameCost;
using perch::pipeline::Intake;

namespace {

const CameraId kA{"a"}, kB{"b"}, kC{"c"};
constexpr FrameCost kCost{2ms, 20ms, 0ms};
constexpr Nanoseconds kPatience = 100ms;

bool asks(Intake& intake, const CameraId& camera, Nanoseconds now) {
  return intake.take(now) == camera;
}

bool asks_none(Intake& intake, Nanoseconds now) {
  return !intake.take(now);
}

/// A camera's picture goes to a worker.
void work(Intake& intake, const CameraId& camera, Nanoseconds now) {
  intake.came(camera, kCost, now);
  intake.given(camera, kCost, now);
}

}  // namespace

TEST_CASE("a camera is asked at once while nothing is in work") {
  Intake intake(2);
  intake.due(kB, kCost, kPatience, 5ms);
  CHECK(asks(intake, kB, 5ms));
  CHECK_FALSE(intake.holds(kB));
  CHECK(asks_none(intake, 5ms));
  CHECK_FALSE(intake.next());
}

TEST_CASE("on an idle machine a camera is held a moment to have it for itself") {
  Intake intake(2);
  work(intake, kA, 0ms);
  SUBCASE("until the other is done") {
    intake.due(kB, kCost, kPatience, 5ms);
    CHECK(asks_none(intake, 5ms));
    CHECK(*intake.next() == 18ms);  // done at 20 ms, less 2 ms to fetch
    intake.done(kA, 15ms);
    CHECK(asks(intake, kB, 15ms));
  }
  SUBCASE("no longer than a quarter of its patience") {
    intake.due(kB, kCost, 40ms, 5ms);
    CHECK(asks_none(intake, 14ms));
    CHECK(asks(intake, kB, 15ms));
  }
  SUBCASE("not when another is due too") {
    intake.due(kB, kCost, kPatience, 5ms);
    intake.due(kC, kCost, kPatience, 5ms);
    CHECK(asks(intake, kB, 5ms));
  }
  SUBCASE("not when most workers have been busy for long") {
    for (int i = 0; i < 100; ++i) intake.due(kB, kCost, kPatience, 5ms);
    CHECK(asks(intake, kB, 5ms));
  }
}

TEST_CASE("while every worker is busy a camera is asked so late that its picture comes when the first is free") {
  Intake intake(2);
  work(intake, kA, 0ms);
  work(intake, kB, 10ms);
  intake.due(kC, kCost, kPatience, 11ms);
  CHECK(asks_none(intake, 11ms));
  CHECK(intake.holds(kC));
  REQUIRE(intake.next());
  CHECK(*intake.next() > 16ms);  // free at 20 ms, 2 ms to fetch, and a little
  CHECK(*intake.next() <= 18ms);
  CHECK(asks(intake, kC, *intake.next()));
}

TEST_CASE(
    "a worker that is free sooner than foreseen gets the next picture at once, one that is late is waited for no "
    "longer") {
  Intake intake(1);
  work(intake, kA, 0ms);
  intake.due(kB, kCost, kPatience, 1ms);
  CHECK(asks_none(intake, 1ms));
  SUBCASE("sooner") {
    intake.done(kA, 5ms);
    CHECK(asks(intake, kB, 5ms));
  }
  SUBCASE("late") {
    CHECK(asks(intake, kB, 21ms));
  }
}

TEST_CASE("pictures that are on their way or in work have the next workers") {
  Intake intake(1);
  SUBCASE("on its way") {
    intake.due(kA, kCost, kPatience, 0ms);
    CHECK(asks(intake, kA, 0ms));
  }
  SUBCASE("given") {
    work(intake, kA, 0ms);
  }
  intake.due(kB, kCost, kPatience, 1ms);
  CHECK(asks_none(intake, 1ms));
  CHECK(*intake.next() >= 17ms);
  CHECK(asks(intake, kB, *intake.next()));
  intake.due(kC, kCost, kPatience, 21ms);
  CHECK(asks_none(intake, 21ms));
  CHECK(*intake.next() >= 35ms);  // behind both
}

TEST_CASE("a picture that waits comes before one that is not asked for yet") {
  Intake intake(1);
  work(intake, kA, 0ms);
  intake.came(kC, kCost, 1ms);
  intake.due(kB, kCost, kPatience, 2ms);
  CHECK(asks_none(intake, 2ms));
  CHECK(*intake.next() > 35ms);
}

TEST_CASE("a frame that was given while all were busy is begun when one is done") {
  Intake intake(1);
  work(intake, kA, 0ms);
  work(intake, kB, 1ms);
  intake.done(kA, 30ms);
  intake.due(kC, kCost, kPatience, 31ms);
  CHECK(asks_none(intake, 31ms));
  CHECK(*intake.next() > 45ms);
  intake.done(kB, 32ms);
  CHECK(asks(intake, kC, 32ms));
}

TEST_CASE("workers that take now longer, now shorter are waited for, unless so many are due that all would be late") {
  constexpr FrameCost kUneven{2ms, 20ms, 6ms};
  Intake intake(1);
  work(intake, kA, 0ms);
  intake.due(kB, kUneven, kPatience, 1ms);
  CHECK(asks_none(intake, 20ms));
  CHECK(*intake.next() == 30ms);  // 20 ms to be free, twice 6 ms for it to be so, less 2 ms to fetch
  SUBCASE("it is free: asked at once") {
    intake.done(kA, 21ms);
    CHECK(asks(intake, kB, 21ms));
  }
  SUBCASE("many are due") {
    intake.due(kC, kUneven, kPatience, 20ms);
    CHECK(asks(intake, kB, 20ms));
  }
}

TEST_CASE("nobody is held longer than its patience") {
  Intake intake(1);
  work(intake, kA, 0ms);
  for (int i = 0; i < 10; ++i) intake.came({"waits " + std::to_string(i)}, kCost, 0ms);
  intake.due(kB, kCost, 50ms, 0ms);
  CHECK(asks_none(intake, 49ms));
  CHECK(*intake.next() == 50ms);
  CHECK(asks(intake, kB, 50ms));
}

TEST_CASE("a camera that takes long to answer is asked before one that answers fast") {
  Intake intake(1);
  work(intake, kA, 0ms);
  intake.due(kB, kCost, kPatience, 1ms);
  intake.due(kC, {30ms, 20ms, 0ms}, kPatience, 1ms);
  CHECK(asks(intake, kC, 1ms));
  CHECK(intake.holds(kB));
}

TEST_CASE("cameras that take their time to answer hold back nobody before they do") {
  constexpr FrameCost kSlow{3000ms, 20ms, 0ms};
  Intake intake(1);
  intake.due(kA, kSlow, 1000ms, 0ms);
  CHECK(asks(intake, kA, 0ms));
  for (const Nanoseconds now : {Nanoseconds{100ms}, Nanoseconds{2900ms}}) {
    intake.due(kB, kCost, 1000ms, now);
    CHECK(asks(intake, kB, now));
    work(intake, kB, now + 2ms);
    intake.done(kB, now + 20ms);
  }
  intake.due(kB, kCost, 1000ms, 2999ms);  // just behind the slow one's picture
  CHECK(asks_none(intake, 2999ms));
  CHECK(*intake.next() > 3010ms);
}

TEST_CASE("a camera of which nothing is known is not held") {
  Intake intake(1);
  work(intake, kA, 0ms);
  intake.due(kB, {}, kPatience, 1ms);
  CHECK(asks(intake, kB, 1ms));
}

TEST_CASE("a picture that was asked for and does not come is reckoned with no longer than twice its usual time") {
  Intake intake(1);
  intake.due(kA, kCost, kPatience, 0ms);
  CHECK(asks(intake, kA, 0ms));
  intake.due(kB, kCost, kPatience, 1ms);
  CHECK(asks_none(intake, 4ms));
  CHECK(asks(intake, kB, 6ms));
}

TEST_CASE("a camera that is removed is neither asked nor waited for") {
  Intake intake(1);
  intake.came(kA, kCost, 0ms);
  intake.due(kB, kCost, kPatience, 0ms);
  intake.due(kC, kCost, kPatience, 0ms);
  CHECK(asks_none(intake, 0ms));
  intake.remove(kB);
  intake.remove(kA);
  CHECK(asks(intake, kC, 1ms));
  CHECK(asks_none(intake, 50ms));
}
