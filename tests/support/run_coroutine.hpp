#pragma once
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace perch::test {

/// Runs this on the thread that runs the loop, which is another, and returns what it returns.
template <class Function>
std::invoke_result_t<Function> run_on(boost::asio::io_context& io, Function function) {
  std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
  auto result = task.get_future();
  boost::asio::post(io, [&task] { task(); });
  return result.get();
}

/// Runs the loop until the coroutine has returned. One that does not return within a minute ends the program: a test
/// must not hang. What a coroutine throws is thrown here.
template <class T>
T run_coroutine(boost::asio::io_context& io, boost::asio::awaitable<T> coroutine) {
  std::optional<T> result;
  std::exception_ptr failure;
  bool done = false;
  boost::asio::co_spawn(io, std::move(coroutine), [&](const std::exception_ptr& thrown, T value) {
    failure = thrown;
    if (!thrown) result.emplace(std::move(value));
    done = true;
  });
  io.restart();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!done) {
    if (io.run_one_until(deadline) > 0) continue;
    std::fprintf(stderr, "a coroutine did not return\n");
    std::abort();
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

}  // namespace perch::test
