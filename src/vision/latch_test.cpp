#include "vision/latch.hpp"

#include <vector>

#include <doctest/doctest.h>

namespace perch::vision {

namespace {

std::vector<bool> follow(Latch latch, const std::vector<double>& scores) {
  std::vector<bool> up;
  for (const double score : scores) up.push_back(latch.update(score));
  return up;
}

}  // namespace

TEST_CASE("a flag rises with the last of enough scores in a row, and falls likewise") {
  CHECK(follow(Latch({1, 0.8, 3}), {1, 2, 1.5, 0.5, 0.5, 0.5}) == std::vector{false, false, true, true, true, false});
}

TEST_CASE("a single score changes nothing, and begins anew") {
  CHECK(follow(Latch({1, 0.8, 2}), {5, 0, 5, 0, 5, 5}) == std::vector{false, false, false, false, false, true});
}

TEST_CASE("between clearing and raising nothing changes") {
  CHECK(follow(Latch({1, 0.8, 1}), {0.9, 1, 0.9, 0.8, 0.79, 0.9}) ==
        std::vector{false, true, true, true, false, false});
}

TEST_CASE("a frame that says nothing interrupts what came before") {
  Latch latch({1, 0.8, 2});
  CHECK_FALSE(latch.update(2));
  latch.interrupt();
  CHECK_FALSE(latch.update(2));
  CHECK(latch.in_a_row() == 1);
  CHECK(latch.update(2));
}

}  // namespace perch::vision
