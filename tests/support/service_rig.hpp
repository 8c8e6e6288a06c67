#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "journal/service.hpp"
#include "support/program.hpp"
#include "support/readings.hpp"

/// What tests of the journal's service share: one that runs, and readings to give it.
namespace perch::test {

using namespace std::chrono_literals;

template <class T>
std::string words(const Result<T>& result) {
  return result ? std::string() : result.error().message();
}

inline std::vector<Reading> some(int count, std::int64_t first = 0) {
  std::vector<Reading> readings;
  readings.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    readings.push_back(reading("door", "cars", UtcTime{1'800'000'000'000ms} + (first + i) * 1s, first + i));
  return readings;
}

/// A clock that stands still, and that a test can watch.
struct WatchedClock final : Clock {
  UtcTime now() const override {
    if (asked) asked();
    return UtcTime{1'800'000'000'000ms};
  }

  Nanoseconds monotonic() const override { return 0ns; }

  BootId boot() const override { return {"boot"}; }

  std::function<void()> asked;  ///< called when somebody asks for the time, on that thread
};

/// A service in a folder of its own, and the one thread of its users.
struct ServiceRig {
  TempFolder folder;
  WatchedClock clock;
  asio::io_context io;
  std::unique_ptr<journal::Service> service;

  explicit ServiceRig(journal::ServiceOptions options = {}) {
    if (options.journal.vfs.empty()) options.journal.reserve_bytes = 0;
    const auto path = options.journal.vfs.empty() ? folder / "journal.db" : std::filesystem::path("/journal.db");
    auto started = journal::Service::start(path, clock, std::move(options));
    REQUIRE(words(started) == "");
    service = std::move(*started);
  }

  /// Runs everything that waits, until nothing does.
  void run() {
    io.restart();
    io.run();
  }

  /// Runs a coroutine to its end, and whatever else is waiting with it.
  template <class T>
  T await(asio::awaitable<T> work) {
    std::optional<T> result;
    asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& e, T value) {
      if (e) std::rethrow_exception(e);
      result = std::move(value);
    });
    io.restart();
    while (!result && io.run_one() > 0) {
    }
    REQUIRE(result.has_value());
    return std::move(*result);
  }
};

}  // namespace perch::test
