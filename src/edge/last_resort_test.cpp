#include "edge/last_resort.hpp"

#include <future>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using perch::edge::LastResort;

TEST_CASE("the last resort acts while whoever armed it hangs") {
  std::promise<void> acted;
  LastResort last_resort;
  last_resort.arm(1ms, [&] { acted.set_value(); });
  last_resort.arm(0ms, [&] { acted.set_value(); });  // only the first time counts: set twice it would throw
  CHECK(acted.get_future().wait_for(1min) == std::future_status::ready);
}

TEST_CASE("an end that comes in time takes the last resort away, armed or not") {
  bool acted = false;
  {
    LastResort armed;
    armed.arm(24h, [&] { acted = true; });
    const LastResort never;
  }
  CHECK_FALSE(acted);
}
