// Health that lies in what the pictures show: frozen, dark, and faults of the view.
#include <doctest/doctest.h>

#include "support/health_story.hpp"

namespace perch::pipeline {

TEST_CASE("the same bytes for half a minute are a frozen camera; other bytes end it") {
  Story story;
  story.frames(10);
  const Nanoseconds last_new = story.now - 950ms;
  story.frames(29, kSame);
  CHECK(story.health() == Health::live);
  story.frames(5, kSame);
  CHECK(story.health() == Health::frozen);
  CHECK(story.monitor.report().since - last_new >= 30s);
  CHECK(story.monitor.report().since - last_new <= 31s);
  CHECK(story.reason().find("30.0 s") != std::string::npos);
  story.frames(100, kSame);
  story.frames(1);
  CHECK(story.changes == Changes{Health::live, Health::frozen, Health::live});
}

TEST_CASE("a camera asked once a minute needs more than one repetition to be frozen") {
  Story story({.interval = 60s});
  story.frames(3);
  story.frames(4, kSame);
  CHECK(story.health() == Health::live);
  story.frames(1, kSame);
  CHECK(story.health() == Health::frozen);
}

TEST_CASE("a camera that gives each of its pictures several times is not frozen") {
  Story story({.interval = 100ms});
  for (int i = 0; i < 100; ++i) {
    story.frames(1);
    story.frames(19, kSame);
  }
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("a source that may repeat itself is never frozen when told so") {
  Story story({.frozen_after = 0s});
  story.frames(1);
  story.frames(5000, kSame);
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("equal pictures in different bytes are a still scene, not a frozen camera") {
  Story story;
  story.frames(5000, bright(120));
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("a black picture is dark after a few frames, and live again when it is bright for a few") {
  Story story;
  story.frames(10, bright(200));
  story.frames(2, bright(5));
  CHECK(story.health() == Health::live);
  story.frames(2, bright(5));
  CHECK(story.health() == Health::dark);
  for (int i = 0; i < 50; ++i) story.frames(1, bright(i % 2 == 0 ? 15.F : 28.F));
  CHECK(story.health() == Health::dark);
  story.frames(2, bright(200));
  CHECK(story.health() == Health::dark);
  story.frames(1, bright(200));
  CHECK(story.changes == Changes{Health::live, Health::dark, Health::live});
}

TEST_CASE("a flash of darkness at many frames a second is not dark") {
  Story story({.interval = 40ms});
  story.frames(100, bright(200), 10ms);
  story.frames(25, bright(5), 10ms);
  story.frames(100, bright(200), 10ms);
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("darkness may repeat its bytes: it is dark, not frozen") {
  Story story;
  story.frames(1, bright(4));
  story.frames(200, kSame);
  CHECK(story.changes == Changes{Health::live, Health::dark});
}

TEST_CASE("frames that nobody looked at neither darken nor brighten") {
  Story story;
  story.frames(10, bright(4));
  story.frames(50);
  CHECK(story.health() == Health::dark);
}

TEST_CASE("faults of the view that are handed in hold as dark does") {
  for (const Health fault : {Health::covered, Health::blurred, Health::moved}) {
    Story story;
    story.frames(10, bright(200));
    FrameSeen seen = bright(200);
    seen.view_fault = fault;
    story.frames(1, seen);
    story.frames(5, bright(200));
    story.frames(5, seen);
    CHECK_FALSE(story.reason().empty());
    story.frames(5, bright(200));
    CHECK(story.changes == Changes{Health::live, fault, Health::live});
  }
}

TEST_CASE("of a camera that turns, faults of the view do not count, and darkness does") {
  Story story({.view = false});
  FrameSeen seen = bright(200);
  seen.view_fault = Health::moved;
  story.frames(50, seen);
  story.frames(50, bright(4));
  CHECK(story.changes == Changes{Health::live, Health::dark});
}

}  // namespace perch::pipeline
