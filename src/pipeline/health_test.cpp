#include "pipeline/health.hpp"

#include <doctest/doctest.h>

#include "support/health_story.hpp"

namespace perch::pipeline {

TEST_CASE("a camera is connecting until its first picture and then live, said once") {
  Story story;
  CHECK(story.health() == Health::connecting);
  CHECK_FALSE(story.monitor.report().changed);
  story.frames(100);
  CHECK(story.changes == Changes{Health::live});
  CHECK(story.reason().empty());
}

TEST_CASE(
    "a camera that never answers is connecting with the reason, then gone within three intervals and the timeout") {
  Story story;
  story.failures(1, kTimeout, 5s);
  CHECK(story.health() == Health::connecting);
  CHECK(story.reason() == "no whole answer within 5 s");
  story.failures(1, kTimeout, 5s);
  CHECK(story.changes == Changes{Health::gone});
  CHECK(story.monitor.report().since <= 10s);
  CHECK(story.reason().find("no whole answer within 5 s") != std::string::npos);
}

TEST_CASE("a recording that shows a picture a minute is live all the time, and gone once it cannot be read") {
  Story story({.bounded = false});
  for (int i = 0; i < 10; ++i) {
    story.frames(1, kPlain, 60s);
    story.note(story.monitor.asked(story.now));
    story.note(story.monitor.tick(story.now + 59s));
  }
  CHECK(story.changes == Changes{Health::live});
  story.failures(10, Error{Errc::io, "cannot read", "recordings", ""});
  CHECK(story.changes == Changes{Health::live, Health::gone});
}

TEST_CASE("a camera whose power is cut is gone within three intervals and the timeout of its last picture") {
  for (const Nanoseconds interval : {Nanoseconds(200ms), Nanoseconds(1s), Nanoseconds(60s)}) {
    Story story({.interval = interval});
    story.frames(20);
    const Nanoseconds last = story.now - interval + 50ms;
    // It hangs: nothing but time passes.
    story.note(story.monitor.asked(story.now));
    while (story.health() == Health::live) {
      story.now += 50ms;
      story.note(story.monitor.tick(story.now));
      REQUIRE(story.now < 1h);
    }
    CHECK(story.health() == Health::gone);
    CHECK(story.now - last <= 3 * interval + story.config.timeout);
    CHECK(story.reason().find("it does not answer") != std::string::npos);
  }
}

TEST_CASE("refused connections are not gone at once, and the first picture brings the camera back") {
  Story story;
  story.frames(20);
  const Error refused{Errc::io, "cannot connect: refused", "", ""};
  story.failures(6, refused, 1ms);
  CHECK(story.health() == Health::live);
  story.failures(5, refused, 1ms);
  CHECK(story.health() == Health::gone);
  story.frames(1);
  CHECK(story.changes == Changes{Health::live, Health::gone, Health::live});
}

TEST_CASE("a time in which nobody asked does not count against the camera") {
  Story story;
  story.frames(20);
  story.now += 10min;
  story.note(story.monitor.tick(story.now));
  story.failures(1, kTimeout, 2s);
  CHECK(story.health() == Health::live);
  story.frames(5);
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("one torn picture is not a state") {
  Story story;
  for (int i = 0; i < 20; ++i) {
    story.frames(3);
    story.failures(2, kHtml);
  }
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("a camera that sends something else is broken, with what it sent, until two pictures in a row") {
  Story story;
  story.frames(10);
  story.failures(3, kHtml);
  CHECK(story.health() == Health::broken);
  CHECK(story.reason() == "not a JPEG: starts with 3c 68");
  story.failures(20, kNotFound);
  CHECK(story.reason() == "answered 404 (not found); check the path");
  for (int i = 0; i < 5; ++i) {
    story.frames(1);
    story.failures(1, kHtml);
  }
  CHECK(story.health() == Health::broken);
  story.frames(2);
  CHECK(story.changes == Changes{Health::live, Health::broken, Health::live});
}

TEST_CASE("the reason says what to do, whatever state it is of, and not where: the camera is known") {
  Story denied;
  denied.failures(1, {Errc::denied, "answered 401", "http://camera/jpg", "check user and password"});
  CHECK(denied.health() == Health::broken);
  CHECK(denied.reason() == "answered 401; check user and password");
  Story silent;
  const Error stream{Errc::timeout, "no whole answer within 5 s", "", "of a stream of pictures the source is 'mjpeg'"};
  silent.failures(1, stream, 5s);
  CHECK(silent.health() == Health::connecting);
  CHECK(silent.reason() == "no whole answer within 5 s; of a stream of pictures the source is 'mjpeg'");
  silent.failures(1, stream, 5s);
  CHECK(silent.health() == Health::gone);
  CHECK(silent.reason() ==
        "no picture for 10.0 s: no whole answer within 5 s; of a stream of pictures the source is 'mjpeg'");
  Story other;
  other.failures(1, {Errc::unsupported, "does not send over udp", "", "try transport = \"tcp\""});
  CHECK(other.reason() == "does not send over udp; try transport = \"tcp\"");
}

TEST_CASE("of a folder the reason says which file it is about") {
  Story story;
  story.failures(1, Error{Errc::invalid, "no clip", "/srv/pictures/b.avi", "check that it plays elsewhere"});
  CHECK(story.reason() == "b.avi: no clip; check that it plays elsewhere");
  story.failures(1, Error{Errc::invalid, "no picture", "http://192.0.2.1/b.avi", ""});
  CHECK(story.reason() == "no picture");
}

TEST_CASE("an address that never was a camera is broken at its first answer") {
  Story story;
  story.failures(1, kNotFound);
  CHECK(story.changes == Changes{Health::broken});
}

TEST_CASE("control characters of what a camera sent do not get into the reason") {
  Story story;
  story.failures(1, {Errc::invalid, "starts with \x1b[31m\n", "", ""});
  CHECK(story.reason().find('\n') == std::string::npos);
  CHECK(story.reason().find('\x1b') == std::string::npos);
}

TEST_CASE("silence and wrong answers in turn do not make it flap between gone and broken") {
  Story story;
  story.frames(5);
  for (int i = 0; i < 40; ++i) story.failures(1, i % 2 == 0 ? kTimeout : kHtml, 1s);
  CHECK(story.changes == Changes{Health::live, Health::broken});
  story.failures(10, kTimeout, 5s);
  CHECK(story.changes == Changes{Health::live, Health::broken, Health::gone});
  story.failures(3, kHtml);
  CHECK(story.health() == Health::broken);
}

TEST_CASE("a camera that takes longer than the interval is late, with both times") {
  Story story;
  story.frames(10);
  story.frames(20, kPlain, 1500ms);
  CHECK(story.changes == Changes{Health::live, Health::late});
  CHECK(story.reason().find("1.") != std::string::npos);
  CHECK(story.reason().find("every 1.0 s") != std::string::npos);
  story.frames(20);
  CHECK(story.changes == Changes{Health::live, Health::late, Health::live});
}

TEST_CASE("a camera at the edge of its interval does not flap, and one slow answer is not late") {
  Story story;
  story.frames(10);
  for (int i = 0; i < 100; ++i) story.frames(1, kPlain, i % 2 == 0 ? 950ms : 1040ms);
  CHECK(story.changes == Changes{Health::live});
  story.frames(20);
  story.frames(1, kPlain, 4s);
  story.frames(20);
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("our own load is not the camera's lateness") {
  Story story;
  for (int i = 0; i < 20; ++i) {
    story.frames(1);
    story.now += 5s;
  }
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("without an interval no camera is late") {
  Story story({.interval = 0s});
  story.frames(20, kPlain, 3s);
  CHECK(story.changes == Changes{Health::live});
}

TEST_CASE("a camera that returns from the dead starts with a clean sheet") {
  Story story;
  story.frames(20, kPlain, 1500ms);
  CHECK(story.health() == Health::late);
  story.failures(5, kTimeout, 5s);
  CHECK(story.health() == Health::gone);
  story.frames(20);
  CHECK(story.changes == Changes{Health::live, Health::late, Health::gone, Health::live});
}

TEST_CASE("every state has a name of its own") {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Health::ended); ++i) names.push_back(name(static_cast<Health>(i)));
  CHECK(names.front() == "connecting");
  CHECK(names.back() == "ended");
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
}

TEST_CASE("a camera that has left the network is gone with the first fetch that fails, and back with a picture") {
  Story story;
  story.frames(5);
  story.note(story.monitor.withdrawn("it has left the network", story.now));
  CHECK(story.changes == std::vector{Health::live});  // its word alone is not enough
  story.failures(1, kTimeout);
  CHECK(story.changes.back() == Health::gone);
  CHECK(story.monitor.report().reason == "it has left the network: no whole answer within 5 s");
  story.frames(1);
  CHECK(story.changes.back() == Health::live);
  story.failures(1, kTimeout);
  CHECK(story.changes.back() == Health::live);
}

TEST_CASE("a camera whose announcement ran out while its pictures come is well") {
  Story story;
  story.frames(2);
  story.note(story.monitor.withdrawn("it has left the network", story.now));
  story.frames(3);
  story.failures(1, kTimeout);
  story.frames(1);
  story.note(story.monitor.withdrawn("it has left the network", story.now));
  story.monitor.announced();
  story.failures(1, kTimeout);
  CHECK(story.changes == std::vector{Health::live});
}

TEST_CASE("a recording that has come to its end is not live, and nothing makes it live again") {
  Story story;
  story.frames(3);
  REQUIRE(story.monitor.report().health == Health::live);
  story.note(story.monitor.ended(story.now));
  CHECK(story.monitor.report().reason == "its recording has come to its end");
  story.note(story.monitor.frame(kPlain, story.now));  // the last one was still in work
  story.note(story.monitor.tick(story.now + 1h));
  CHECK(story.changes == std::vector{Health::live, Health::ended});
}

}  // namespace perch::pipeline
