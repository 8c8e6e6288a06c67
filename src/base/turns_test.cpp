#include "base/turns.hpp"

#include <numeric>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace perch {

namespace {

/// What four threads hand over of `count` things. @param fail_at  the number that cannot be handed over
std::vector<std::int64_t> hand_over_all(Turns& turns, std::int64_t fail_at = -1) {
  std::vector<std::int64_t> got;
  const auto work = [&] {
    while (const auto index = turns.next())
      turns.in_turn(*index, [&]() -> Result<void> {
        if (*index == fail_at) return fail(Errc::io, "no space left");
        got.push_back(*index);
        return {};
      });
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  }
  return got;
}

}  // namespace

TEST_CASE("what several threads make is handed over in order") {
  const std::atomic<bool> stop = false;
  Turns turns(1000, stop);
  std::vector<std::int64_t> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(hand_over_all(turns) == expected);
  CHECK(turns.result().value() == 1000);
}

TEST_CASE("nothing is handed over after what failed") {
  const std::atomic<bool> stop = false;
  Turns turns(1000, stop);
  CHECK(hand_over_all(turns, 300).size() == 300);
  REQUIRE_FALSE(turns.result());
  CHECK(turns.result().error().message() == "no space left");
}

TEST_CASE("what was begun before a stop is handed over") {
  std::atomic<bool> stop = false;
  Turns turns(10, stop);
  const auto first = turns.next(), second = turns.next();
  stop = true;
  CHECK_FALSE(turns.next());
  for (const auto index : {first, second}) turns.in_turn(*index, [] { return Result<void>{}; });
  CHECK(turns.result().value() == 2);
}

}  // namespace perch
