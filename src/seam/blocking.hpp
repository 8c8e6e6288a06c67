#pragma once
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace perch {

namespace asio = boost::asio;

/// What came of a call on another thread: its result or what it threw.
template <class R>
struct CallOutcome {
  std::optional<R> result;
  std::exception_ptr thrown;
};

/// Runs a call that blocks on `blocking` and comes back to the coroutine's own thread with its result. The call cannot
/// be cancelled: it must own everything it touches, so that it can outlive the coroutine. What it throws, as libraries
/// do, is thrown to who awaits it: on the thread of `blocking` nobody could catch it. @thread io
template <class F>
asio::awaitable<std::invoke_result_t<F>> run_blocking(asio::any_io_executor blocking, F work) {
  using Outcome = CallOutcome<std::invoke_result_t<F>>;
  auto start = [blocking, call = std::move(work)](auto handler) mutable {
    asio::post(blocking, [call = std::move(call), handler = std::move(handler)]() mutable {
      Outcome outcome;
      try {
        outcome.result.emplace(call());
      } catch (...) {
        outcome.thrown = std::current_exception();
      }
      const auto back = asio::get_associated_executor(handler);
      asio::post(back, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
        std::move(handler)(std::move(outcome));
      });
    });
  };
  Outcome outcome = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(std::move(start),
                                                                                                asio::use_awaitable);
  if (outcome.thrown) std::rethrow_exception(outcome.thrown);
  co_return std::move(*outcome.result);
}

}  // namespace perch
