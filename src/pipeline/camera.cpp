#include "pipeline/camera.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"
#include "base/thrown.hpp"

namespace perch::pipeline {

namespace {

std::optional<Health> health_of(std::optional<vision::ViewFault> fault) {
  if (!fault) return std::nullopt;
  switch (*fault) {
    case vision::ViewFault::covered:
      return Health::covered;
    case vision::ViewFault::blurred:
      return Health::blurred;
    case vision::ViewFault::moved:
      return Health::moved;
  }
  return std::nullopt;
}

/// Whether an error says that one frame is wrong, and nothing of the source: the next may be good.
bool is_of_one_frame(const Error& error) {
  return error.code == Errc::invalid || error.code == Errc::mismatch || error.code == Errc::too_large;
}

/// Moves an average towards a new value; the first one is taken as it is.
void learn(Nanoseconds& average, Nanoseconds value) {
  average = average == Nanoseconds{0} ? value : average + (value - average) / 8;
}

}  // namespace

Camera::Camera(CameraPlan plan, asio::any_io_executor io, const Clock& clock, CameraListener& listener)
    : id_(std::move(plan.id)),
      every_(plan.every),
      io_(std::move(io)),
      clock_(clock),
      listener_(listener),
      source_(std::move(plan.source)),
      slot_(source_->pace()),
      state_(std::move(plan.state)),
      health_(plan.health, clock.monotonic()),
      backoff_({}, clock, net::machine_random()),
      wake_(io_) {}

void Camera::start() {
  const auto self = shared_from_this();
  const auto body = [](std::shared_ptr<Camera> camera) -> asio::awaitable<void> { co_await camera->run(); };
  asio::co_spawn(io_, body(self), asio::bind_cancellation_slot(stop_.slot(), asio::detached));
}

void Camera::stop() {
  stopped_ = true;
  slot_.drop_waiting();
  wake_.cancel();
  stop_.emit(asio::cancellation_type::terminal);
  // What was cancelled looks at the signal once more on its way out.
  asio::post(io_, [self = shared_from_this()] {});
}

void Camera::ask() {
  if (retrying_ || ended_) return;
  if (asking_ || asked_) {
    ++counters_.missed;
    return;
  }
  asked_ = true;
  wake_.cancel();
}

void Camera::tick() {
  if (!stopped_) report(health_.tick(clock_.monotonic()));
}

void Camera::withdrawn(std::string reason) {
  if (stopped_) return;
  report(health_.withdrawn(std::move(reason), clock_.monotonic()));
  if (!asking_ && !asked_) ask();
}

void Camera::announced() {
  health_.announced();
  if (!retrying_) return;
  backoff_.succeeded();
  wake_.cancel();
}

asio::awaitable<void> Camera::run() {
  while (!stopped_) {
    co_await wait_until_wanted();
    if (stopped_) co_return;
    asked_ = false;
    asking_ = true;
    const Nanoseconds asked = clock_.monotonic();
    report(health_.asked(asked));
    Result<Frame> frame = co_await next_frame();
    asking_ = false;
    if (stopped_) co_return;
    if (frame) {
      fetched(clock_.monotonic() - asked);
      take(std::move(*frame));
    } else if (frame.error().code == Errc::eof) {
      ended_ = true;
      report(health_.ended(clock_.monotonic()));
      listener_.on_end(*this);
      co_return;
    } else {
      failed(frame.error());
    }
  }
}

/// The source's next frame. What a library throws in it is a failure of this camera, and of nothing else.
asio::awaitable<Result<Frame>> Camera::next_frame() {
  try {
    co_return co_await source_->next();
  } catch (const std::exception& thrown) {
    co_return fail(thrown_error(thrown).at(id_.value));
  }
}

/// Waits until a picture is due and wanted, or after a failure until it is time to try again.
asio::awaitable<void> Camera::wait_until_wanted() {
  for (;;) {
    if (stopped_) co_return;
    const Nanoseconds retry = retrying_ ? backoff_.remaining() : Nanoseconds{0};
    const bool due = retrying_ ? retry == Nanoseconds{0} : (self_paced() || asked_);
    // Who asks by itself would fetch for nothing while a frame waits.
    const bool room = self_paced() ? slot_.vacant() : slot_.wants();
    if (due && room) co_return;
    if (retrying_ && retry > Nanoseconds{0})
      wake_.expires_after(retry);
    else
      wake_.expires_at(asio::steady_timer::time_point::max());
    co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

/// A camera that was slow for a while and is fast again must be known as fast at once: others are asked by when its
/// picture will come.
void Camera::fetched(Nanoseconds took) {
  if (cost_.fetch == Nanoseconds{0}) fetches_.fill(took);
  fetches_[counters_.frames % fetches_.size()] = took;
  cost_.fetch = std::ranges::min(fetches_);
}

void Camera::take(Frame frame) {
  retrying_ = false;
  wrong_in_a_row_ = 0;
  backoff_.succeeded();
  frame.camera = id_;
  frame.seq = ++seq_;
  ++counters_.frames;
  const auto shared = std::make_shared<const Frame>(std::move(frame));
  const Offered offered = slot_.offer(shared);
  PERCH_ASSERT(offered != Offered::full);  // nothing was asked for while there was no room
  if (slot_.ready()) listener_.on_ready(*this);
  listener_.on_frame(*this, shared);
}

void Camera::failed(const Error& error) {
  ++counters_.failures;
  // A recording or a stream of records goes on behind what is wrong in it: waiting would only make it fall behind.
  constexpr int kMostPassedOver = 100;  // one by one; then its whole form is wrong
  const bool goes_on = source_->pace() == Pace::lossless && is_of_one_frame(error);
  if (!goes_on || ++wrong_in_a_row_ > kMostPassedOver) {
    retrying_ = true;
    backoff_.failed();
  }
  report(health_.failure(error, clock_.monotonic()));
}

CameraWork Camera::begin() {
  CameraWork work{slot_.start(), std::move(*state_)};
  state_.reset();
  wake_.cancel();  // there is room for another
  return work;
}

void Camera::finish(const Looked& looked, CameraState state) {
  state_ = std::move(state);
  slot_.finish();
  if (stopped_) return;
  if (slot_.ready()) listener_.on_ready(*this);  // before anybody listens: workers first
  ++counters_.looked;
  if (looked.still) ++counters_.still;
  if (looked.broken) ++counters_.broken;
  const Nanoseconds now = clock_.monotonic();
  const Nanoseconds work = now - looked.began;
  learn(cost_.spread, std::chrono::abs(work - cost_.work));
  learn(cost_.work, work);
  if (looked.broken)
    report(health_.failure(*looked.broken, now));
  else
    report(health_.frame({looked.decision.same_bytes, looked.decision.luma, health_of(looked.decision.view)}, now));
  listener_.on_looked(*this, looked);
}

CameraCounters Camera::counters() const {
  CameraCounters counters = counters_;
  counters.skipped = slot_.skipped();
  return counters;
}

void Camera::report(const HealthReport& report) {
  if (!report.changed && report.reason == told_) return;
  told_ = report.reason;
  if (report.changed)
    listener_.on_health(*this);
  else
    listener_.on_reason(*this);
}

}  // namespace perch::pipeline
