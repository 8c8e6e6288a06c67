#include "base/bounded_queue.hpp"

#include <atomic>
#include <latch>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using perch::BoundedQueue;

TEST_CASE("items come out in the order they went in") {
  BoundedQueue<int> queue(3);
  for (int i = 0; i < 3; ++i) REQUIRE(queue.push(i));
  for (int i = 0; i < 3; ++i) CHECK(queue.pop() == i);
}

TEST_CASE("a closed queue takes nothing more and gives what it has") {
  BoundedQueue<int> queue(3);
  REQUIRE(queue.push(1));
  queue.close();
  CHECK_FALSE(queue.push(2));
  CHECK(queue.pop() == 1);
  CHECK_FALSE(queue.pop().has_value());
}

TEST_CASE("a full queue holds its producer back until there is room") {
  BoundedQueue<int> queue(1);
  std::atomic<int> pushed = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 100; ++i) {
      queue.push(i);
      ++pushed;
    }
  });
  for (int i = 0; i < 100; ++i) {
    CHECK(queue.pop() == i);
    CHECK(pushed <= i + 2);  // the one taken, the one queued, and none beyond
  }
}

TEST_CASE("closing wakes whoever waits") {
  BoundedQueue<int> empty(1), full(1);
  REQUIRE(full.push(1));
  std::latch started(2);
  std::jthread consumer([&] {
    started.count_down();
    CHECK_FALSE(empty.pop().has_value());
  });
  std::jthread producer([&] {
    started.count_down();
    CHECK_FALSE(full.push(2));
  });
  started.wait();
  empty.close();
  full.close();
}

TEST_CASE("many producers and consumers pass on each item once") {
  constexpr int kEach = 2000;
  BoundedQueue<std::unique_ptr<int>> queue(7);
  std::atomic<std::int64_t> sum = 0;
  std::atomic<int> count = 0;
  {
    std::vector<std::jthread> consumers;
    for (int i = 0; i < 3; ++i)
      consumers.emplace_back([&] {
        while (const auto item = queue.pop()) {
          sum += **item;
          ++count;
        }
      });
    {
      std::vector<std::jthread> producers;
      for (int p = 0; p < 3; ++p)
        producers.emplace_back([&queue, p] {
          for (int i = 0; i < kEach; ++i) queue.push(std::make_unique<int>(p * kEach + i));
        });
    }
    queue.close();
  }
  const std::int64_t n = 3 * kEach;
  CHECK(count == n);
  CHECK(sum == n * (n - 1) / 2);
}
