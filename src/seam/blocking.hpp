#pragma once
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

/// Runs a call that blocks on `blocking` and comes back to the coroutine's own thread with its result. The call cannot
/// be cancelled: it must own everything it touches, so that it can outlive the coroutine. @thread io
template <class F>
asio::awaitable<std::invoke_result_t<F>> run_blocking(asio::any_io_executor blocking, F work) {
  using R = std::invoke_result_t<F>;
  auto start = [blocking, call = std::move(work)](auto handler) mutable {
    asio::post(blocking, [call = std::move(call), handler = std::move(handler)]() mutable {
      R result = call();
      const auto back = asio::get_associated_executor(handler);
      asio::post(back, [handler = std::move(handler), result = std::move(result)]() mutable {
        std::move(handler)(std::move(result));
      });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(R)>(std::move(start),
                                                                                  asio::use_awaitable);
}

}  // namespace perch
