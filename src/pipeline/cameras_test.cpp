#include "pipeline/cameras.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "support/fed_source.hpp"

using namespace perch;
using namespace std::chrono_literals;
using pipeline::Camera;
using pipeline::CameraPlan;
using pipeline::Cameras;
using pipeline::Health;
using pipeline::Looked;
using pipeline::WorkerPool;
using test::FedSource;
using test::Feed;

namespace {

Frame record(double value) {
  Frame frame;
  frame.stamp = SystemClock().stamp();
  frame.payload = Record{{{"n", value}}};
  return frame;
}

/// Where workers wait while a test holds them.
class Barrier {
 public:
  void hold() { set(true); }

  void release() { set(false); }

  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.wait(lock, [&] { return !held_; });
  }

  int arrived() {
    const std::lock_guard lock(mutex_);
    return arrived_;
  }

 private:
  void set(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int arrived_ = 0;
};

/// Says the frame's number. Waits at the barrier.
class EchoAnalysis final : public Analysis {
 public:
  explicit EchoAnalysis(std::shared_ptr<Barrier> barrier) : barrier_(std::move(barrier)) {}

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings&) override {
    barrier_->pass();
    Observation observation;
    observation.values = {{"seq", static_cast<std::int64_t>(frame.seq)}};
    return observation;
  }

 private:
  std::shared_ptr<Barrier> barrier_;
  std::vector<Output> outputs_{{"seq", "", OutputKind::gauge, 0}};
};

/// Cameras on a loop and on workers of their own, and what was heard of them.
struct Fixture : pipeline::Observer {
  struct Heard {
    std::string camera;
    std::uint64_t seq;
    auto operator<=>(const Heard&) const = default;
  };

  SystemClock clock;
  asio::io_context io{1};
  std::shared_ptr<Barrier> barrier = std::make_shared<Barrier>();
  std::vector<Heard> frames, looked;
  std::vector<std::pair<std::string, Health>> health;
  std::vector<std::string> ended;
  WorkerPool pool;
  std::unique_ptr<Cameras> cameras;

  explicit Fixture(std::size_t workers = 1) : pool(workers, clock) {
    Observer& observer = *this;
    cameras = std::make_unique<Cameras>(io.get_executor(), pool, clock, observer);
  }

  ~Fixture() override {
    barrier->release();
    if (cameras) cameras->stop();
    const bool idle = until([&] { return !cameras || cameras->in_work() == 0; });
    CHECK(idle);
    cameras.reset();
    io.restart();
    io.poll();
  }

  void on_frame(Camera& camera, const FramePtr& frame) override { frames.push_back({camera.id().value, frame->seq}); }

  void on_looked(Camera& camera, const Looked& result) override {
    CHECK(result.answers.size() == 1);
    CHECK_FALSE(result.broken);
    CHECK(result.began >= result.frame->stamp.monotonic);
    looked.push_back({camera.id().value, result.frame->seq});
  }

  void on_health(Camera& camera) override { health.emplace_back(camera.id().value, camera.health().health); }

  void on_end(Camera& camera) override { ended.push_back(camera.id().value); }

  std::shared_ptr<Feed> add(const std::string& name, Pace pace, Nanoseconds every = 0ns) {
    auto feed = std::make_shared<Feed>();
    add(name, pace, every, feed);
    return feed;
  }

  void add(const std::string& name, Pace pace, Nanoseconds every, const std::shared_ptr<Feed>& feed) {
    pipeline::GateConfig gate;
    gate.mode = pipeline::GateMode::off;
    pipeline::Task task;
    task.name = "echo";
    task.analysis = std::make_unique<EchoAnalysis>(barrier);
    CameraPlan plan{{name},
                    every,
                    {},
                    std::make_unique<FedSource>(io.get_executor(), pace, feed),
                    {{}, std::move(pipeline::Gate::create(gate).value()), {}}};
    plan.health.interval = every;
    plan.state.tasks.push_back(std::move(task));
    cameras->add(std::move(plan));
  }

  static void give(Feed& feed, Result<Frame> answer = record(0)) { feed.give(std::move(answer)); }

  /// Runs the loop until something holds; false when it does not within a long while.
  bool until(const auto& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    io.restart();
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      if (io.run_one_for(1ms) == 0) io.restart();  // workers may be about to post
    }
    return true;
  }

  std::vector<std::uint64_t> seqs_of(const std::string& camera, const std::vector<Heard>& of) const {
    std::vector<std::uint64_t> seqs;
    for (const Heard& heard : of)
      if (heard.camera == camera) seqs.push_back(heard.seq);
    return seqs;
  }

  Camera& camera(const std::string& name) { return *cameras->find({name}); }
};

using Seqs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a live camera's newest frame replaces the waiting one, and each that is passed over is counted") {
  Fixture f;
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
  Fixture f;
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
  Fixture f;
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

TEST_CASE("a failure is followed by a pause, not by another try at once, and a frame ends it") {
  Fixture f;
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
  Fixture f;
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
    Fixture f;
    const auto feed = f.add("bus", Pace::lossless);
    for (int i = 0; i < 3; ++i) f.give(*feed, fail(code, "no"));
    REQUIRE(f.until([&] { return f.camera("bus").counters().failures == 1; }));
    CHECK(feed->asked == 1);
  }
}

TEST_CASE("what a source's library throws is a failure of its camera, which tries again") {
  Fixture f;
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
  Fixture f;
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

TEST_CASE("a camera is removed while its frame is in work: nothing is heard of it any more, others go on") {
  Fixture f;
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
  Fixture f(2);
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
  Fixture f;
  const auto feed = f.add("hangs", Pace::live);
  REQUIRE(f.until([&] { return feed->waiting; }));
  f.cameras->remove({"hangs"});
  REQUIRE(f.until([&] { return feed->gone; }));
  CHECK_FALSE(feed->waiting);
  CHECK(feed->asked == 1);
}

TEST_CASE("a camera that hangs does not hold up another") {
  Fixture f;
  const auto hangs = f.add("hangs", Pace::live, 10ms);
  const auto works = f.add("works", Pace::live, 10ms);
  works->endless = [] { return record(1); };
  REQUIRE(f.until([&] { return f.seqs_of("works", f.looked).size() >= 10; }));
  CHECK(hangs->asked == 1);
}

TEST_CASE("a camera without an interval is asked anew as soon as there is room") {
  Fixture f(2);
  f.add("fast", Pace::live)->endless = [] { return record(1); };
  REQUIRE(f.until([&] { return f.looked.size() >= 100; }));
  const pipeline::CameraCounters counters = f.camera("fast").counters();
  CHECK(counters.missed == 0);
  CHECK(counters.frames >= counters.looked + counters.skipped);
  const Seqs seqs = f.seqs_of("fast", f.looked);
  CHECK(std::ranges::is_sorted(seqs));
}

TEST_CASE("a camera without an interval fetches nothing while a frame of it waits") {
  Fixture f;
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
  Fixture f;
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
  Fixture f;
  const auto feed = f.add("slow", Pace::live, 10ms);
  REQUIRE(f.until([&] { return f.cameras->find({"slow"})->counters().missed >= 3; }));
  CHECK(feed->asked == 1);
  f.give(*feed);
  REQUIRE(f.until([&] { return f.looked.size() == 1; }));
  CHECK(f.camera("slow").counters().frames == 1);
}
