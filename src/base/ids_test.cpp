#include "base/ids.hpp"

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace perch;
using namespace std::chrono_literals;

TEST_CASE("an id begins with its time, as the ULID specification writes it") {
  CHECK(make_ulid(UtcTime{1'469'918'176'385ms}).substr(0, 10) == "01ARYZ6S41");  // the specification's example
  CHECK(make_ulid(UtcTime{0ms}).substr(0, 10) == "0000000000");
  CHECK(make_ulid(UtcTime{(1ms * ((std::int64_t{1} << 48) - 1))}).substr(0, 10) == "7ZZZZZZZZZ");
  const std::string id = make_ulid(UtcTime{5ms});
  CHECK(id.size() == 26);
  CHECK(id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") == std::string::npos);
}

TEST_CASE("ids of the same millisecond ascend, and those of a later one come after them") {
  const UtcTime now{1'700'000'000'000ms};
  std::string last = make_ulid(now);
  for (int i = 0; i < 10'000; ++i) {
    const std::string next = make_ulid(now);
    REQUIRE(next > last);
    last = next;
  }
  CHECK(make_ulid(now + 1ms) > last);
}

TEST_CASE("ids are unique over threads, and when the clock goes back and forth") {
  std::mutex mutex;
  std::set<std::string> ids;
  {
    std::vector<std::jthread> makers;
    for (int maker = 0; maker < 4; ++maker)
      makers.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i) {
          const std::string id = make_ulid(UtcTime{1'700'000'000'000ms + 1ms * (i % 2)});
          const std::lock_guard lock(mutex);
          ids.insert(id);
        }
      });
  }
  CHECK(ids.size() == 8'000);
}

TEST_CASE("ids of different kinds are different types") {
  static_assert(!std::is_convertible_v<LabelId, TrackId>);
  CHECK(CameraId{"a"} < CameraId{"b"});
  CHECK(LabelId{3} == LabelId{3});
}
