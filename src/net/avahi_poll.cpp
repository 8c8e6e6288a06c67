#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <poll.h>
#include <sys/time.h>

#include "net/avahi_poll_impl.hpp"

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// What a watch is to us. Handlers that still wait keep it when Avahi has let go of it.
struct WatchState {
  WatchState(const asio::any_io_executor& executor, int its_fd) : descriptor(executor), fd(its_fd) {}

  asio::posix::stream_descriptor descriptor;
  int fd;
  int wanted = 0;
  int happened = 0;
  bool reading = false, writing = false;
  bool dead = false;  ///< the socket is Avahi's, and its number may already be another's
  AvahiWatchCallback callback = nullptr;
  AvahiWatch* handle = nullptr;
  void* user = nullptr;
};

using SteadyClock = std::chrono::steady_clock;

struct TimeoutState {
  explicit TimeoutState(const asio::any_io_executor& executor) : timer(executor) {}

  asio::steady_timer timer;  ///< armed while `waiting`, never for later than `due`
  std::optional<SteadyClock::time_point> due;
  bool waiting = false;
  bool dead = false;
  AvahiTimeoutCallback callback = nullptr;
  AvahiTimeout* handle = nullptr;
  void* user = nullptr;
};

}  // namespace

// Avahi leaves these two to whoever provides the loop.
struct AvahiWatch {
  std::shared_ptr<WatchState> state;
};

struct AvahiTimeout {
  std::shared_ptr<TimeoutState> state;
};

namespace {

void arm(const std::shared_ptr<WatchState>& watch);

void wait(const std::shared_ptr<WatchState>& watch, bool for_reading) {
  bool WatchState::* const waiting = for_reading ? &WatchState::reading : &WatchState::writing;
  (*watch).*waiting = true;
  const auto kind = for_reading ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
  watch->descriptor.async_wait(kind, [watch, waiting, for_reading](error_code error) {
    (*watch).*waiting = false;
    if (watch->dead || error == asio::error::operation_aborted) return;
    watch->happened = error ? POLLERR : for_reading ? POLLIN : POLLOUT;
    if ((watch->wanted & watch->happened) != 0 || error)
      watch->callback(watch->handle, watch->fd, static_cast<AvahiWatchEvent>(watch->happened), watch->user);
    watch->happened = 0;
    if (!error) arm(watch);
  });
}

void arm(const std::shared_ptr<WatchState>& watch) {
  if (watch->dead) return;
  if ((watch->wanted & POLLIN) != 0 && !watch->reading) wait(watch, true);
  if ((watch->wanted & POLLOUT) != 0 && !watch->writing) wait(watch, false);
}

AvahiWatch* watch_new(const AvahiPoll* api, int fd, AvahiWatchEvent event, AvahiWatchCallback callback, void* user) {
  const auto& poll = *static_cast<const perch::net::AvahiAsioPoll*>(api->userdata);
  auto state = std::make_shared<WatchState>(poll.executor(), fd);
  error_code failed;
  static_cast<void>(state->descriptor.assign(fd, failed));
  if (failed) return nullptr;  // Avahi takes it as out of memory
  auto handle = std::make_unique<AvahiWatch>(AvahiWatch{state});
  state->callback = callback;
  state->user = user;
  state->handle = handle.get();
  state->wanted = event;
  arm(state);
  return handle.release();
}

void watch_update(AvahiWatch* watch, AvahiWatchEvent event) {
  watch->state->wanted = event;
  arm(watch->state);
}

AvahiWatchEvent watch_get_events(AvahiWatch* watch) {
  return static_cast<AvahiWatchEvent>(watch->state->happened);
}

/// Gives the socket back to Avahi, which closes it. Our descriptor must neither close it nor keep its number.
void watch_free(AvahiWatch* watch) {
  const std::unique_ptr<AvahiWatch> owned(watch);
  owned->state->dead = true;
  owned->state->descriptor.release();
}

void wait_until_due(const std::shared_ptr<TimeoutState>& timeout) {
  timeout->waiting = true;
  timeout->timer.expires_at(*timeout->due);
  timeout->timer.async_wait([timeout](error_code error) {
    if (error || timeout->dead) return;  // set anew for earlier, or let go of
    timeout->waiting = false;
    if (!timeout->due) return;
    if (SteadyClock::now() < *timeout->due) return wait_until_due(timeout);
    timeout->due.reset();
    timeout->callback(timeout->handle, timeout->user);
  });
}

/// Avahi sets its timeout with every packet, mostly for later: the timer then stays as it is and waits again when it
/// has run out, for each arming is a system call.
void set(const std::shared_ptr<TimeoutState>& timeout, const timeval* when) {
  timeout->due.reset();
  if (when == nullptr) return;
  // Avahi counts in the wall clock; only how long it is from now matters to us.
  timeval now{};
  ::gettimeofday(&now, nullptr);
  const auto left =
      std::chrono::seconds(when->tv_sec - now.tv_sec) + std::chrono::microseconds(when->tv_usec - now.tv_usec);
  timeout->due = SteadyClock::now() + std::max(std::chrono::microseconds(left), std::chrono::microseconds(0));
  if (!timeout->waiting || *timeout->due < timeout->timer.expiry()) wait_until_due(timeout);
}

AvahiTimeout* timeout_new(const AvahiPoll* api, const timeval* when, AvahiTimeoutCallback callback, void* user) {
  const auto& poll = *static_cast<const perch::net::AvahiAsioPoll*>(api->userdata);
  auto state = std::make_shared<TimeoutState>(poll.executor());
  auto handle = std::make_unique<AvahiTimeout>(AvahiTimeout{state});
  state->callback = callback;
  state->user = user;
  state->handle = handle.get();
  set(state, when);
  return handle.release();
}

void timeout_update(AvahiTimeout* timeout, const timeval* when) {
  set(timeout->state, when);
}

void timeout_free(AvahiTimeout* timeout) {
  const std::unique_ptr<AvahiTimeout> owned(timeout);
  owned->state->dead = true;
  owned->state->timer.cancel();
}

}  // namespace

namespace perch::net {

AvahiAsioPoll::AvahiAsioPoll(asio::any_io_executor executor) : executor_(std::move(executor)) {
  api_ = {this,          &::watch_new,   &::watch_update,   &::watch_get_events,
          &::watch_free, &::timeout_new, &::timeout_update, &::timeout_free};
}

}  // namespace perch::net
