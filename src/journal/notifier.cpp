#include "journal/notifier.hpp"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace perch::journal {

void Notifier::notify() {
  std::list<std::shared_ptr<asio::steady_timer>> woken;
  {
    const std::lock_guard lock(mutex_);
    woken.swap(waiting_);
  }
  for (std::shared_ptr<asio::steady_timer>& timer : woken) {
    const asio::any_io_executor executor = timer->get_executor();
    // On the waiter's own thread, whether it waits already or is about to: a timer belongs to one thread.
    asio::post(executor, [timer = std::move(timer)] { timer->expires_at(asio::steady_timer::time_point::min()); });
  }
}

Notifier::Waiter::Waiter(std::shared_ptr<Notifier> notifier, const asio::any_io_executor& executor)
    : notifier_(std::move(notifier)),
      timer_(std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max())) {
  const std::lock_guard lock(notifier_->mutex_);
  notifier_->waiting_.push_back(timer_);
}

Notifier::Waiter::~Waiter() {
  const std::lock_guard lock(notifier_->mutex_);
  notifier_->waiting_.remove(timer_);
}

asio::awaitable<Result<void>> Notifier::Waiter::wait() {
  const auto canceled = [] { return fail(Errc::canceled, "the wait was stopped"); };
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return canceled();
  boost::system::error_code error;
  co_await timer_->async_wait(asio::redirect_error(asio::use_awaitable, error));
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return canceled();
  co_return Result<void>();
}

}  // namespace perch::journal
