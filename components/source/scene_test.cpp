#include <doctest/doctest.h>

#include "support/source_rig.hpp"

using namespace perch;
using namespace std::chrono_literals;

TEST_CASE("a scene's frames are JPEGs of its size, a step apart in its own time, until the last") {
  test::SourceRig rig;
  REQUIRE(rig.make("kind = 'scene'\nscene = 'meter'\nwidth = 160\nheight = 120\nstep = '10min'\nframes = 3"));
  CHECK(rig.source->pace() == Pace::lossless);
  const Result<Frame> first = rig.next();
  REQUIRE(first);
  CHECK(as_text(test::jpeg_of(*first).view()).starts_with("\xff\xd8"));
  REQUIRE(rig.next());
  const Result<Frame> third = rig.next();
  REQUIRE(third);
  CHECK(third->elapsed() - first->elapsed() == 20min);
  const Result<Frame> end = rig.next();
  REQUIRE_FALSE(end);
  CHECK(end.error().code == Errc::eof);
}

TEST_CASE("a frame is dated when it was made here, however fast the scene's time passes") {
  test::SourceRig rig;
  REQUIRE(rig.make("kind = 'scene'\nscene = 'meter'\nwidth = 160\nheight = 120\nat = '8h'\nstep = '24h'"));
  for (int day = 0; day < 3; ++day) {
    rig.clock.advance(1s);
    const Result<Frame> frame = rig.next();
    REQUIRE(frame);
    CHECK(frame->stamp.at == rig.clock.now());
    CHECK(frame->stamp.monotonic == rig.clock.monotonic());
    CHECK(frame->elapsed() == 8h + 24h * day);
  }
}

TEST_CASE("the same configuration gives the same bytes, another seed others") {
  const std::string scene = "kind = 'scene'\nscene = 'meter'\nwidth = 160\nheight = 120\nsettings = ['kind=gas']\n";
  const auto bytes = [&](const std::string& more) {
    test::SourceRig rig;
    REQUIRE(rig.make(scene + more));
    return std::string(as_text(test::jpeg_of(*rig.next()).view()));
  };
  CHECK(bytes("seed = 5") == bytes("seed = 5"));
  CHECK(bytes("seed = 5") != bytes("seed = 6"));
}

TEST_CASE("a thermal scene gives temperatures") {
  test::SourceRig rig;
  REQUIRE(rig.make("kind = 'scene'\nscene = 'boiler'"));
  const Result<Frame> frame = rig.next();
  REQUIRE(frame);
  const auto* grid = std::get_if<ThermalGrid>(&frame->payload);
  REQUIRE(grid);
  CHECK(grid->is_whole());
  CHECK(grid->cols == 32);
}

TEST_CASE("a mistyped scene or setting names the nearest") {
  test::SourceRig rig;
  const Result<void> scene = rig.make("kind = 'scene'\nscene = 'metre'");
  REQUIRE_FALSE(scene);
  CHECK(scene.error().remedy == "did you mean 'meter'?");
  const Result<void> setting = rig.make("kind = 'scene'\nscene = 'lot'\nsettings = ['wether=rain']");
  REQUIRE_FALSE(setting);
  CHECK(setting.error().message().find("did you mean 'weather'?") != std::string::npos);
  CHECK(rig.make("kind = 'scene'\nscene = 'lot'\nsettings = ['rain']").error().remedy == "write KEY=VALUE");
}
