#pragma once
#include <map>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "pipeline/camera.hpp"
#include "pipeline/frame_slot.hpp"
#include "pipeline/intake.hpp"
#include "pipeline/schedule.hpp"
#include "pipeline/worker_pool.hpp"

namespace perch::pipeline {

/// Hears what cameras see. What it is handed is valid during the call. @thread io
class Observer {
 public:
  virtual ~Observer() = default;
  /// A frame has come in, whether it will be looked at or not.
  virtual void on_frame(Camera& camera, const FramePtr& frame) = 0;
  virtual void on_looked(Camera& camera, const Looked& looked) = 0;
  virtual void on_health(Camera& camera) = 0;

  /// Its health is the same for another reason.
  virtual void on_reason(Camera& camera) { static_cast<void>(camera); }

  virtual void on_end(Camera& camera) = 0;
};

/// All cameras at work on one pool of workers: who is asked when, and whose frame is next. @thread io
class Cameras final : private CameraListener {
 public:
  /// Everything outlives this; the pool's workers must have ended before the executor's context goes.
  Cameras(asio::any_io_executor io, WorkerPool& pool, const Clock& clock, Observer& observer);
  ~Cameras() override;

  /// Starts a camera. @pre no camera of this name is there
  void add(CameraPlan plan);
  /// Stops a camera at once. Nothing happens when there is none of this name.
  void remove(const CameraId& id);
  void stop();

  /// The camera of this name, or nullptr. Valid until it is removed.
  Camera* find(const CameraId& id);

  const std::map<CameraId, std::shared_ptr<Camera>>& all() const { return cameras_; }

  /// Frames that workers have now.
  std::size_t in_work() const { return in_work_; }

  /// How long workers have had frames without one of them coming back; 0 when they have none.
  Nanoseconds quiet() const { return in_work_ > 0 ? clock_.monotonic() - progress_ : Nanoseconds{0}; }

  /// Cameras whose frame waits for a worker.
  std::size_t queued() const { return ready_.size(); }

 private:
  void on_ready(Camera& camera) override;

  void on_frame(Camera& camera, const FramePtr& frame) override { observer_.on_frame(camera, frame); }

  void on_looked(Camera& camera, const Looked& looked) override { observer_.on_looked(camera, looked); }

  void on_health(Camera& camera) override { observer_.on_health(camera); }

  void on_reason(Camera& camera) override { observer_.on_reason(camera); }

  void on_end(Camera& camera) override { observer_.on_end(camera); }

  void ask_due();
  void ask_held();
  void tick();
  void dispatch();
  void give(Camera& camera);

  asio::any_io_executor io_;
  WorkerPool& pool_;
  const Clock& clock_;
  Observer& observer_;
  std::map<CameraId, std::shared_ptr<Camera>> cameras_;
  Schedule schedule_;
  Intake intake_;
  ReadyQueue ready_;
  std::size_t in_work_ = 0;
  Nanoseconds progress_{0};  ///< when workers were last given the first frame, or gave one back
  asio::steady_timer due_timer_;
  asio::steady_timer held_timer_;
  asio::steady_timer tick_timer_;
  /// Outlived by nothing that workers post back: they see that the cameras are gone.
  std::shared_ptr<Cameras*> alive_;
};

}  // namespace perch::pipeline
