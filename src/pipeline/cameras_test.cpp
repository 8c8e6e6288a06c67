#include "pipeline/cameras.hpp"

#include "support/cameras_rig.hpp"

using namespace perch;
using namespace std::chrono_literals;
using pipeline::Camera;
using pipeline::Health;
using test::CamerasRig;
using test::Feed;
using test::record;
using test::Seqs;

TEST_CASE("a live camera's newest frame replaces the waiting one, and each that is passed over is counted") {
  CamerasRig f;
  f.barrier->hold();
  const auto feed = f.add("yard", Pace::live, 10ms);
  f.give(*feed);
  REQUIRE(f.until([&] { return f.barrier->arrived() == 1; }));
  for (int i = 0; i < 4; ++i) f.give(*feed);
  REQUIRE(f.until([&] { return f.frames.size() == 5; }));
  CHECK(f.camera("yard").counters().skipped == 3);
  f.barrier->release();
  REQUIRE(f.until([&] { return f.looked.size() == 2; }));
  CHECK(f.seqs_of("yard", f.looked) == Seqs{1, 5});
  CHECK(f.seqs_of("yard", f.frames) == Seqs{1, 2, 3, 4, 5});
  const pipeline::CameraCounters counters = f.camera("yard").counters();
  CHECK(counters.frames == 5);
  CHECK(counters.looked == 2);
  CHECK(counters.skipped == 3);
}

TEST_CASE("a lossless camera's source waits while there is no room, and nothing is dropped") {
  CamerasRig f;
  f.barrier->hold();
  const auto feed = f.add("clip", Pace::lossless);
  for (int i = 0; i < 5; ++i) f.give(*feed);
  REQUIRE(f.until([&] { return f.frames.size() == 2 && f.barrier->arrived() == 1; }));
  f.io.poll();
  CHECK(feed->asked == 2);  // one in work, one waiting
  f.barrier->release();
  REQUIRE(f.until([&] { return f.looked.size() == 5; }));
  CHECK(f.seqs_of("clip", f.looked) == Seqs{1, 2, 3, 4, 5});
  CHECK(f.camera("clip").counters().skipped == 0);
}

TEST_CASE("cameras that always have a frame take turns, and a slow one between them gets all of its own") {
  CamerasRig f;
  for (const char* name : {"a", "b", "c"}) f.add(name, Pace::lossless)->endless = [] { return record(1); };
  const auto slow = f.add("slow", Pace::live);
  // A frame at a time, each given when the one before has been looked at.
  for (std::size_t turn = 1; turn <= 20; ++turn) {
    f.give(*slow);
    const std::size_t before = f.looked.size();
    REQUIRE(f.until([&] { return f.seqs_of("slow", f.looked).size() == turn; }));
    // Behind those that were given to workers before it came, and one turn of each other camera.
    CHECK(f.looked.size() - before <= 2 * (f.pool.wanted() + 3));
  }
  f.give(*slow);
  REQUIRE(f.until([&] { return f.looked.size() >= 200; }));
  const std::size_t a = f.seqs_of("a", f.looked).size();
  for (const char* other : {"b", "c"}) {
    const std::size_t count = f.seqs_of(other, f.looked).size();
    CHECK(4 * count >= 3 * a);  // a turn is lost only where the next frame was not there yet
    CHECK(3 * count <= 4 * a);
  }
}

TEST_CASE("a camera is removed while its frame is in work: nothing is heard of it any more, others go on") {
  CamerasRig f;
  f.barrier->hold();
  const auto feed = f.add("yard", Pace::live);
  f.give(*feed);
  REQUIRE(f.until([&] { return f.barrier->arrived() == 1; }));
  f.give(*feed);
  REQUIRE(f.until([&] { return f.frames.size() == 2; }));
  f.cameras->remove({"yard"});
  CHECK(f.cameras->find({"yard"}) == nullptr);
  CHECK(f.cameras->in_work() == 1);
  const auto again = f.add("yard", Pace::live);  // of the same name, at once
  f.give(*again);
  REQUIRE(f.until([&] { return f.frames.size() == 3; }));
  f.barrier->release();
  REQUIRE(f.until([&] { return f.looked.size() == 1 && f.cameras->in_work() == 0; }));
  CHECK(f.looked[0].seq == 1);  // of the new one
  CHECK(f.camera("yard").counters().looked == 1);
  REQUIRE(f.until([&] { return feed->gone; }));
}

TEST_CASE("all cameras can go while workers have their frames") {
  CamerasRig f(2);
  f.barrier->hold();
  std::vector<std::shared_ptr<Feed>> feeds;
  for (const char* name : {"a", "b", "c", "d"}) feeds.push_back(f.add(name, Pace::live));
  for (const auto& feed : feeds) f.give(*feed);
  REQUIRE(f.until([&] { return f.barrier->arrived() == 2 && f.frames.size() == 4; }));
  CHECK(f.cameras->in_work() == 3);
  CHECK(f.cameras->queued() == 1);
  f.cameras.reset();
  f.barrier->release();
  REQUIRE(f.until([&] { return std::ranges::all_of(feeds, [](const auto& feed) { return feed->gone; }); }));
  CHECK(f.looked.empty());
}

TEST_CASE("a source that hangs is let go of at once when its camera is removed") {
  CamerasRig f;
  const auto feed = f.add("hangs", Pace::live);
  REQUIRE(f.until([&] { return feed->waiting; }));
  f.cameras->remove({"hangs"});
  REQUIRE(f.until([&] { return feed->gone; }));
  CHECK_FALSE(feed->waiting);
  CHECK(feed->asked == 1);
}

TEST_CASE("a camera that hangs does not hold up another") {
  CamerasRig f;
  const auto hangs = f.add("hangs", Pace::live, 10ms);
  const auto works = f.add("works", Pace::live, 10ms);
  works->endless = [] { return record(1); };
  REQUIRE(f.until([&] { return f.seqs_of("works", f.looked).size() >= 10; }));
  CHECK(hangs->asked == 1);
}

TEST_CASE("a camera without an interval is asked anew as soon as there is room") {
  CamerasRig f(2);
  f.add("fast", Pace::live)->endless = [] { return record(1); };
  REQUIRE(f.until([&] { return f.looked.size() >= 100; }));
  const pipeline::CameraCounters counters = f.camera("fast").counters();
  CHECK(counters.missed == 0);
  CHECK(counters.frames >= counters.looked + counters.skipped);
  const Seqs seqs = f.seqs_of("fast", f.looked);
  CHECK(std::ranges::is_sorted(seqs));
}

TEST_CASE("a camera without an interval fetches nothing while a frame of it waits") {
  CamerasRig f;
  f.barrier->hold();
  const auto feed = f.add("fast", Pace::live);
  for (int i = 0; i < 4; ++i) f.give(*feed);
  REQUIRE(f.until([&] { return f.frames.size() == 2 && f.barrier->arrived() == 1; }));
  f.io.poll();
  CHECK(feed->asked == 2);  // one in work, one waiting
  f.barrier->release();
  REQUIRE(f.until([&] { return f.looked.size() == 4; }));
  CHECK(f.camera("fast").counters().skipped == 0);
}

TEST_CASE("a camera that answered slowly for a while is known as fast again at its first fast answer") {
  CamerasRig f;
  const auto feed = f.add("slow", Pace::live, 10ms);
  const auto missed = [&] { return f.camera("slow").counters().missed; };
  for (std::size_t i = 1; i <= 5; ++i) {
    const std::uint64_t before = missed();
    REQUIRE(f.until([&] { return missed() >= before + 6; }));  // 50 ms at least
    f.give(*feed);
    REQUIRE(f.until([&] { return f.looked.size() == i; }));
  }
  CHECK(f.camera("slow").cost().fetch >= 50ms);
  f.give(*feed);  // the answer is there before the question, or comes at once
  REQUIRE(f.until([&] { return f.looked.size() == 6; }));
  CHECK(f.camera("slow").cost().fetch < 50ms);
}

TEST_CASE("due times that pass while a picture is on its way are counted as missed") {
  CamerasRig f;
  const auto feed = f.add("slow", Pace::live, 10ms);
  REQUIRE(f.until([&] { return f.cameras->find({"slow"})->counters().missed >= 3; }));
  CHECK(feed->asked == 1);
  f.give(*feed);
  REQUIRE(f.until([&] { return f.looked.size() == 1; }));
  CHECK(f.camera("slow").counters().frames == 1);
}
