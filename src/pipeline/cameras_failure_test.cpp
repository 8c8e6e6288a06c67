// What cameras do when their source fails, ends or throws.
#include <stdexcept>

#include "support/cameras_rig.hpp"

using namespace perch;
using namespace std::chrono_literals;
using pipeline::Health;
using test::CamerasRig;
using test::record;

TEST_CASE("a failure is followed by a pause, not by another try at once, and a frame ends it") {
  CamerasRig f;
  const auto feed = f.add("gate", Pace::live, 20ms);
  const auto began = std::chrono::steady_clock::now();
  f.give(*feed, fail(Errc::io, "connection refused"));
  f.give(*feed);
  REQUIRE(f.until([&] { return f.camera("gate").counters().failures == 1; }));
  CHECK(feed->asked == 1);
  CHECK(f.frames.empty());
  REQUIRE(f.until([&] { return f.looked.size() == 1; }));
  CHECK(std::chrono::steady_clock::now() - began >= 300ms);  // half a second, less the jitter
  CHECK(f.camera("gate").counters().missed == 0);            // nobody misses what waits to be tried again
  f.give(*feed);
  REQUIRE(f.until([&] { return f.looked.size() == 2; }));
  CHECK(f.camera("gate").counters().failures == 1);
  CHECK(f.camera("gate").health().health == Health::live);
}

TEST_CASE("what is wrong in a stream of records does not hold up the records behind it, until nothing else comes") {
  CamerasRig f;
  const auto feed = f.add("bus", Pace::lossless);
  for (int i = 0; i < 90; ++i) f.give(*feed, fail(Errc::invalid, "a torn line"));
  f.give(*feed);
  REQUIRE(f.until([&] { return f.looked.size() == 1; }));
  CHECK(f.camera("bus").counters().failures == 90);
  for (int i = 0; i < 101; ++i) f.give(*feed, fail(Errc::invalid, "a torn line"));
  REQUIRE(f.until([&] { return f.camera("bus").counters().failures == 191; }));
  CHECK(feed->asked == 192);  // and not once more before a pause
  CHECK_FALSE(feed->waiting);
}

TEST_CASE("a recording that may not be read, and a device that refuses, are not asked again at once") {
  for (const Errc code : {Errc::not_found, Errc::denied, Errc::internal}) {
    CamerasRig f;
    const auto feed = f.add("bus", Pace::lossless);
    for (int i = 0; i < 3; ++i) f.give(*feed, fail(code, "no"));
    REQUIRE(f.until([&] { return f.camera("bus").counters().failures == 1; }));
    CHECK(feed->asked == 1);
  }
}

TEST_CASE("what a source's library throws is a failure of its camera, which tries again") {
  CamerasRig f;
  const auto feed = f.add("gate", Pace::live, 20ms);
  bool thrown = false;
  feed->endless = [&]() -> Result<Frame> {
    if (!std::exchange(thrown, true)) throw std::runtime_error("too many symbolic links");
    return record(1);
  };
  REQUIRE(f.until([&] { return f.camera("gate").counters().failures == 1; }));
  CHECK(f.camera("gate").health().health == Health::broken);
  CHECK(f.camera("gate").health().reason == "too many symbolic links");
  REQUIRE(f.until([&] { return !f.looked.empty(); }));
}

TEST_CASE("a source that ends is not asked again, and its last frames are looked at") {
  CamerasRig f;
  const auto feed = f.add("clip", Pace::lossless);
  for (int i = 0; i < 3; ++i) f.give(*feed);
  f.give(*feed, fail(Errc::eof, "the end"));
  REQUIRE(f.until([&] { return !f.ended.empty() && f.looked.size() == 3; }));
  CHECK(f.ended == std::vector<std::string>{"clip"});
  CHECK(feed->asked == 4);
  CHECK(f.camera("clip").counters().failures == 0);
  CHECK(f.camera("clip").health().health == Health::ended);
  for (int i = 0; i < 2; ++i) f.camera("clip").ask();
  CHECK(f.camera("clip").counters().missed == 0);
}
