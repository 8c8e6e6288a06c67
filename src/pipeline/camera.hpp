#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/backoff.hpp"
#include "pipeline/frame_slot.hpp"
#include "pipeline/health.hpp"
#include "pipeline/intake.hpp"
#include "pipeline/worker.hpp"
#include "seam/source.hpp"

namespace perch::pipeline {

/// What a camera is made from.
struct CameraPlan {
  CameraId id;
  Nanoseconds every{0};  ///< between pictures; 0: as fast as they are analysed
  HealthConfig health;
  std::unique_ptr<Source> source;
  CameraState state;
};

/// What happened to a camera's frames since it started.
struct CameraCounters {
  std::uint64_t frames = 0;    ///< that came in
  std::uint64_t looked = 0;    ///< that were taken through the gate
  std::uint64_t still = 0;     ///< of those, the ones in which nothing moved
  std::uint64_t skipped = 0;   ///< replaced by a newer one before a worker was free
  std::uint64_t missed = 0;    ///< due, while the picture before was still on its way
  std::uint64_t failures = 0;  ///< asked for, and no picture came
  std::uint64_t broken = 0;    ///< came, and could not be decoded
};

class Camera;

/// Hears what happens to cameras. What it is handed is valid during the call. @thread io
class CameraListener {
 public:
  virtual ~CameraListener() = default;
  /// A frame has come in, whether it will be looked at or not.
  virtual void on_frame(Camera& camera, const FramePtr& frame) = 0;
  /// A frame waits for a worker.
  virtual void on_ready(Camera& camera) = 0;
  virtual void on_looked(Camera& camera, const Looked& looked) = 0;
  /// Its health has changed.
  virtual void on_health(Camera& camera) = 0;
  /// Its health is the same for another reason.
  virtual void on_reason(Camera& camera) = 0;
  /// Its source has come to its regular end.
  virtual void on_end(Camera& camera) = 0;
};

/// A frame with everything that a worker needs to look at it: what moves into a job and back.
struct CameraWork {
  FramePtr frame;
  CameraState state;
};

/// One camera: asks its source when it is told to (or as fast as it can), holds at most one frame waiting and one in
/// work, feeds its health, and retries with back-off what fails. @thread io
class Camera : public std::enable_shared_from_this<Camera> {
 public:
  Camera(CameraPlan plan, asio::any_io_executor io, const Clock& clock, CameraListener& listener);

  void start();
  /// Ends the wait for the source at once, and nothing is heard any more. A frame in work is finished by its worker,
  /// and its result dropped.
  void stop();

  /// A picture is due. Counted as missed while the one before is still on its way; no matter while it waits to retry,
  /// nor once its source has ended.
  void ask();

  /// Whether a picture may be asked for a little later than it is due: it is live, and nothing is under way.
  bool can_wait() const { return source_->pace() == Pace::live && !retrying_ && !asking_ && !asked_; }

  /// Time passes: health notices what hangs. About once a second.
  void tick();

  /// Its announcement has left the network, for this reason: asks for a picture at once, and when none comes it is
  /// gone.
  void withdrawn(std::string reason);
  /// It is announced again: what failed is tried again at once.
  void announced();

  /// Whether a frame waits and none is in work.
  bool ready() const { return !stopped_ && slot_.ready(); }

  /// Hands the waiting frame to a worker. @pre ready()
  CameraWork begin();
  /// What the worker made of it.
  void finish(const Looked& looked, CameraState state);

  const CameraId& id() const { return id_; }

  /// Whether it asks by itself, without being told when: its interval is 0.
  bool self_paced() const { return every_ == Nanoseconds{0}; }

  Nanoseconds every() const { return every_; }

  /// What a picture takes, as a moving average.
  const FrameCost& cost() const { return cost_; }

  const HealthReport& health() const { return health_.report(); }

  CameraCounters counters() const;

  Source& source() { return *source_; }

 private:
  asio::awaitable<void> run();
  asio::awaitable<void> wait_until_wanted();
  asio::awaitable<Result<Frame>> next_frame();
  void take(Frame frame);
  void failed(const Error& error);
  void report(const HealthReport& report);
  void fetched(Nanoseconds took);

  CameraId id_;
  Nanoseconds every_;
  asio::any_io_executor io_;
  const Clock& clock_;
  CameraListener& listener_;
  std::unique_ptr<Source> source_;

  FrameSlot slot_;
  std::optional<CameraState> state_;  ///< absent while a frame is in work
  HealthMonitor health_;
  std::string told_;  ///< the reason that the listener knows
  net::Backoff backoff_;
  CameraCounters counters_;
  FrameCost cost_;
  std::array<Nanoseconds, 4> fetches_{};  ///< what the last ones took
  std::uint64_t seq_ = 0;
  int wrong_in_a_row_ = 0;  ///< answers that were passed over
  bool asked_ = false;
  bool asking_ = false;  ///< a picture is on its way
  bool retrying_ = false;
  bool ended_ = false;  ///< its source gives no more
  bool stopped_ = false;
  asio::steady_timer wake_;  ///< cancelled when something may have changed for the wait
  asio::cancellation_signal stop_;
};

}  // namespace perch::pipeline
