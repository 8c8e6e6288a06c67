#pragma once
#include <list>
#include <memory>
#include <mutex>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/result.hpp"

namespace perch::journal {

namespace asio = boost::asio;

/// Something that has happened in one thread, for coroutines of others that wait for it. Shared by those that wait, so
/// it lives as long as the last of them.
class Notifier : public std::enable_shared_from_this<Notifier> {
 public:
  /// Wakes everybody who waits now. @thread any
  void notify();

  /// A place in the row of those who wait, taken before looking at what is waited for, so that nothing is missed.
  /// Cancelling the coroutine ends the wait at once, with Errc::canceled.
  class Waiter {
   public:
    /// @param executor  of the coroutine that will wait; runs one handler at a time
    Waiter(std::shared_ptr<Notifier> notifier, const asio::any_io_executor& executor);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    /// Returns once `notify` was called after this waiter was made, at once when it already was. To be called once.
    asio::awaitable<Result<void>> wait();

   private:
    std::shared_ptr<Notifier> notifier_;
    std::shared_ptr<asio::steady_timer> timer_;  ///< never runs out; set to the past to wake
  };

 private:
  std::mutex mutex_;
  std::list<std::shared_ptr<asio::steady_timer>> waiting_;
};

}  // namespace perch::journal
