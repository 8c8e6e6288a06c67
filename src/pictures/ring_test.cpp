#include "pictures/ring.hpp"

#include <doctest/doctest.h>

using namespace perch;
using namespace std::chrono_literals;
using pictures::Ring;
using pictures::RingFrame;

namespace {

RingFrame frame(Milliseconds at, std::size_t size = 100, const std::string& boot = "b") {
  return {SharedBytes(Bytes(size)), {UtcTime{at}, {boot}, at}};
}

}  // namespace

TEST_CASE("the ring holds the last seconds and no more") {
  Ring ring({2s, 1'000'000});
  for (int i = 0; i <= 10; ++i) ring.push(frame(i * 500ms));
  CHECK(ring.size() == 5);  // 3 s to 5 s
  CHECK(ring.bytes() == 500);
  const auto last = ring.last(1s);
  REQUIRE(last.size() == 3);
  CHECK(last[0].stamp.monotonic == 4s);
  CHECK(last[2].stamp.monotonic == 5s);
  CHECK(ring.last(1h).size() == 5);
  CHECK(ring.last(0s).size() == 1);
}

TEST_CASE("the ring holds no more bytes than it may, whatever the time") {
  Ring ring({1h, 1000});
  for (int i = 0; i < 50; ++i) {
    ring.push(frame(i * 1ms, 300));
    CHECK(ring.bytes() <= 1000);
  }
  CHECK(ring.size() == 3);
  ring.push(frame(60ms, 1001));  // never fits
  CHECK(ring.size() == 3);
  ring.push(frame(70ms, 1000));
  CHECK(ring.size() == 1);
}

TEST_CASE("time that goes back, or another boot, begins the ring anew") {
  Ring ring({1h, 10'000});
  ring.push(frame(10s));
  ring.push(frame(9s));
  CHECK(ring.size() == 1);
  ring.push(frame(20s, 100, "other"));
  CHECK(ring.size() == 1);
  CHECK(ring.last(1h)[0].stamp.monotonic == 20s);
}

TEST_CASE("an empty ring gives nothing, and pictures are shared") {
  Ring ring({1h, 10'000});
  CHECK(ring.last(1h).empty());
  const RingFrame one = frame(1s);
  ring.push(one);
  CHECK(ring.last(1s)[0].jpeg.view().data() == one.jpeg.view().data());
  ring.clear();
  CHECK(ring.bytes() == 0);
}
