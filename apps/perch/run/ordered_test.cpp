#include "run/ordered.hpp"

#include <thread>

#include <doctest/doctest.h>

using perch::cli::run_ordered;

namespace {

/// Counts up to `end`.
auto count_to(int end) {
  return [next = 0, end]() mutable { return next < end ? std::optional(next++) : std::nullopt; };
}

}  // namespace

TEST_CASE("results come in the order of the jobs, whichever is done first") {
  std::vector<int> out;
  const auto work = [](std::size_t, int job) {
    for (int i = 0; i < (job % 3) * 1000; ++i) std::this_thread::yield();
    return job * 2;
  };
  run_ordered<int>(3, 8, count_to(200), work, [&](int result) {
    out.push_back(result);
    return true;
  });
  REQUIRE(out.size() == 200);
  for (int i = 0; i < 200; ++i) CHECK(out[static_cast<std::size_t>(i)] == 2 * i);
}

TEST_CASE("no more jobs are produced than may be ahead of the output") {
  std::atomic<int> produced = 0;
  int emitted = 0, most_ahead = 0;
  const auto produce = [&]() -> std::optional<int> {
    if (produced == 100) return std::nullopt;
    return produced++;
  };
  run_ordered<int>(
      2, 4, produce, [](std::size_t, int job) { return job; },
      [&](int) {
        most_ahead = std::max(most_ahead, produced - emitted);
        ++emitted;
        return true;
      });
  CHECK(emitted == 100);
  CHECK(most_ahead <= 4);
}

TEST_CASE("when the output has had enough, everything stops") {
  int emitted = 0;
  run_ordered<int>(
      2, 4, count_to(1'000'000), [](std::size_t, int job) { return job; }, [&](int) { return ++emitted < 5; });
  CHECK(emitted == 5);
}

TEST_CASE("no jobs give no results") {
  run_ordered<int>(
      2, 4, count_to(0), [](std::size_t, int job) { return job; },
      [](int) {
        FAIL("nothing was asked for");
        return true;
      });
}
