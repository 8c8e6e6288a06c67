#include "scene_frames.hpp"

#include <new>
#include <set>

#include <doctest/doctest.h>

namespace perch::cli {

namespace {

FramePlan small_boiler() {
  FramePlan plan;
  plan.scene = "boiler";
  plan.frames = 7;
  plan.seeds = 3;
  plan.at_s = 36000;
  plan.every_s = 1800;
  return plan;
}

struct Taken {
  std::vector<std::string> names;
  std::vector<Bytes> jpegs;
};

Taken take_all(const FramePlan& plan, int threads) {
  Taken out;
  const auto done = render_frames(plan, threads, false, [&](const SceneFrame& frame) -> Result<void> {
    out.names.push_back(frame.name);
    out.jpegs.push_back(frame.jpeg);
    return {};
  });
  REQUIRE(done);
  CHECK(*done == static_cast<std::int64_t>(out.names.size()));
  return out;
}

}  // namespace

TEST_CASE("frames come in order and are the same on one thread and on several") {
  const Taken one = take_all(small_boiler(), 1), four = take_all(small_boiler(), 4);
  CHECK(one.names == std::vector<std::string>{"boiler-1-000000", "boiler-1-000001", "boiler-1-000002",
                                              "boiler-2-000000", "boiler-2-000001", "boiler-2-000002",
                                              "boiler-3-000000"});
  CHECK(four.names == one.names);
  CHECK(four.jpegs == one.jpegs);
  CHECK(std::set<Bytes>(one.jpegs.begin(), one.jpegs.end()).size() == 7);
}

TEST_CASE("what is thrown on any of the threads is the error that ends them") {
  for (const int threads : {1, 3}) {
    int taken = 0;
    const auto done = render_frames(small_boiler(), threads, false, [&](const SceneFrame&) -> Result<void> {
      if (++taken == 3) throw std::bad_alloc();
      return {};
    });
    REQUIRE_FALSE(done);
    CHECK(done.error().message() == "no memory left");
    CHECK(taken == 3);
  }
}

TEST_CASE("frames end with the first error") {
  int taken = 0;
  const auto done = render_frames(small_boiler(), 3, false, [&](const SceneFrame&) -> Result<void> {
    if (++taken == 3) return fail(Errc::io, "no space left");
    return {};
  });
  REQUIRE_FALSE(done);
  CHECK(done.error().message() == "no space left");
  CHECK(taken == 3);

  FramePlan unknown = small_boiler();
  unknown.scene = "moon";
  CHECK_FALSE(render_frames(unknown, 2, false, [](const SceneFrame&) -> Result<void> { return {}; }));
}

TEST_CASE("frames that were begun are handed over when it is stopped") {
  std::atomic<bool> stop = false;
  int taken = 0;
  const auto done = render_frames(small_boiler(), 2, stop, [&](const SceneFrame&) -> Result<void> {
    ++taken;
    stop = true;
    return {};
  });
  REQUIRE(done);
  CHECK(*done == taken);
  CHECK(taken < 4);
}

}  // namespace perch::cli
