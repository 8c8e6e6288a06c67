#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "pipeline/cameras.hpp"
#include "support/fed_source.hpp"

/// What tests of `pipeline::Cameras` share: cameras that are fed, with workers that can be held.
namespace perch::test {

using namespace std::chrono_literals;

inline Frame record(double value) {
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

/// pipeline::Cameras on a loop and on workers of their own, and what was heard of them.
struct CamerasRig : pipeline::Observer {
  struct Heard {
    std::string camera;
    std::uint64_t seq;
    auto operator<=>(const Heard&) const = default;
  };

  SystemClock clock;
  asio::io_context io{1};
  std::shared_ptr<Barrier> barrier = std::make_shared<Barrier>();
  std::vector<Heard> frames, looked;
  std::vector<std::pair<std::string, pipeline::Health>> health;
  std::vector<std::string> ended;
  pipeline::WorkerPool pool;
  std::unique_ptr<pipeline::Cameras> cameras;

  explicit CamerasRig(std::size_t workers = 1) : pool(workers, clock) {
    Observer& observer = *this;
    cameras = std::make_unique<pipeline::Cameras>(io.get_executor(), pool, clock, observer);
  }

  ~CamerasRig() override {
    barrier->release();
    if (cameras) cameras->stop();
    const bool idle = until([&] { return !cameras || cameras->in_work() == 0; });
    CHECK(idle);
    cameras.reset();
    io.restart();
    io.poll();
  }

  void on_frame(pipeline::Camera& camera, const FramePtr& frame) override {
    frames.push_back({camera.id().value, frame->seq});
  }

  void on_looked(pipeline::Camera& camera, const pipeline::Looked& result) override {
    CHECK(result.answers.size() == 1);
    CHECK_FALSE(result.broken);
    CHECK(result.began >= result.frame->stamp.monotonic);
    looked.push_back({camera.id().value, result.frame->seq});
  }

  void on_health(pipeline::Camera& camera) override { health.emplace_back(camera.id().value, camera.health().health); }

  void on_end(pipeline::Camera& camera) override { ended.push_back(camera.id().value); }

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
    pipeline::CameraPlan plan{{name},
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

  pipeline::Camera& camera(const std::string& name) { return *cameras->find({name}); }
};

using Seqs = std::vector<std::uint64_t>;

}  // namespace perch::test
