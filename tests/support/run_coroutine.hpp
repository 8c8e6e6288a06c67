#pragma once
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace perch::test {

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
