#pragma once
#include <chrono>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.hpp"

namespace perch {

namespace asio = boost::asio;

/// Gives out recorded frames at the times at which they were taken. The first that is waited for starts the recording;
/// what is late comes at once, so a recording that was held up catches up. @thread io
class Pacer {
 public:
  explicit Pacer(const asio::any_io_executor& io) : timer_(io) {}

  /// Waits until a frame of this time of the recording is due. Cancellation ends the wait; the caller sees it.
  asio::awaitable<void> wait_until(Nanoseconds at) {
    const auto now = std::chrono::steady_clock::now();
    if (!start_) start_ = now - at;
    if (*start_ + at <= now) co_return;
    timer_.expires_at(*start_ + at);
    const auto [error] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(error);
  }

 private:
  asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> start_;  ///< of the recording's time 0
};

}  // namespace perch
