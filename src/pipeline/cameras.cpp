#include "pipeline/cameras.hpp"

#include <boost/asio/post.hpp>

#include "base/assert.hpp"

namespace perch::pipeline {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds kTick = 1s;

}  // namespace

Cameras::Cameras(asio::any_io_executor io, WorkerPool& pool, const Clock& clock, Observer& observer)
    : io_(std::move(io)),
      pool_(pool),
      clock_(clock),
      observer_(observer),
      intake_(pool.size()),
      due_timer_(io_),
      held_timer_(io_),
      tick_timer_(io_),
      alive_(std::make_shared<Cameras*>(this)) {
  tick();
}

Cameras::~Cameras() {
  stop();
  *alive_ = nullptr;
}

void Cameras::add(CameraPlan plan) {
  PERCH_ASSERT(!cameras_.contains(plan.id));
  CameraListener& listener = *this;
  const auto camera = std::make_shared<Camera>(std::move(plan), io_, clock_, listener);
  cameras_.emplace(camera->id(), camera);
  camera->start();
  if (camera->self_paced()) return;
  schedule_.add(camera->id(), camera->every(), clock_.monotonic());
  ask_due();
}

void Cameras::remove(const CameraId& id) {
  const auto found = cameras_.find(id);
  if (found == cameras_.end()) return;
  found->second->stop();
  schedule_.remove(id);
  intake_.remove(id);
  ready_.remove(id);
  cameras_.erase(found);
}

void Cameras::stop() {
  due_timer_.cancel();
  held_timer_.cancel();
  tick_timer_.cancel();
  while (!cameras_.empty()) remove(CameraId(cameras_.begin()->first));
}

Camera* Cameras::find(const CameraId& id) {
  const auto found = cameras_.find(id);
  return found == cameras_.end() ? nullptr : found->second.get();
}

/// Asks every camera that is due, now or when a worker will be free for it, and sets the timer for the next.
void Cameras::ask_due() {
  while (const std::optional<Due> due = schedule_.take(clock_.monotonic())) {
    Camera* camera = find(due->camera);
    if (camera == nullptr) continue;
    if (camera->can_wait())
      intake_.due(camera->id(), camera->cost(), camera->every() / 2, clock_.monotonic());
    else
      camera->ask();
  }
  ask_held();
  const std::optional<Nanoseconds> next = schedule_.next();
  if (!next) return;
  due_timer_.expires_after(std::max(*next - clock_.monotonic(), 0ns));
  due_timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) ask_due();
  });
}

/// Asks the cameras that have been held back long enough, and sets the timer for the next.
void Cameras::ask_held() {
  while (const std::optional<CameraId> id = intake_.take(clock_.monotonic()))
    if (Camera* camera = find(*id)) camera->ask();
  const std::optional<Nanoseconds> next = intake_.next();
  if (!next) return;
  held_timer_.expires_after(std::max(*next - clock_.monotonic(), 0ns));
  held_timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) ask_held();
  });
}

void Cameras::tick() {
  for (const auto& [id, camera] : cameras_) camera->tick();
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) tick();
  });
}

void Cameras::on_ready(Camera& camera) {
  ready_.push(camera.id());
  intake_.came(camera.id(), camera.cost(), clock_.monotonic());
  dispatch();
}

void Cameras::dispatch() {
  while (in_work_ < pool_.wanted()) {
    const std::optional<CameraId> id = ready_.pop();
    if (!id) return;
    Camera* camera = find(*id);
    if (camera && camera->ready()) give(*camera);
  }
}

void Cameras::give(Camera& camera) {
  const Nanoseconds now = clock_.monotonic();
  if (in_work_++ == 0) progress_ = now;
  intake_.given(camera.id(), camera.cost(), now);
  // A job must be copyable to be a function; what moves with it is shared with nobody.
  auto work = std::make_shared<CameraWork>(camera.begin());
  // The camera comes home to its own thread with the result, whoever let go of it meanwhile.
  pool_.submit(
      [io = io_, alive = alive_, self = camera.shared_from_this(), work = std::move(work)](Worker& worker) mutable {
        auto looked = std::make_shared<Looked>(worker.look(work->frame, work->state));
        asio::post(
            io, [alive = std::move(alive), self = std::move(self), work = std::move(work), looked = std::move(looked)] {
              if (Cameras* cameras = *alive) {
                --cameras->in_work_;
                cameras->progress_ = cameras->clock_.monotonic();
                cameras->intake_.done(self->id(), cameras->progress_);
                cameras->dispatch();
                cameras->ask_held();
              }
              self->finish(*looked, std::move(work->state));
            });
      });
}

}  // namespace perch::pipeline
