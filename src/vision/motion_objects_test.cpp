#include <doctest/doctest.h>

#include "support/motion_scene.hpp"

namespace perch::vision {

using namespace std::chrono_literals;
using namespace perch::test;

TEST_CASE("an object of a fifth of a percent is seen in the frame it appears in") {
  // 10.7 × 10.7 px of 320 × 180, at every place relative to the cells.
  const float side = std::sqrt(0.002F * kWidth * kHeight);
  for (const float contrast : {-60.F, -25.F, 25.F, 60.F}) {
    Watch watch(8);
    watch.next();
    watch.moved(30);
    int seen = 0, tries = 0;
    for (int i = 0; i < 40; ++i) {
      const auto step = static_cast<float>(i);
      const Box where{40 + 6.3F * step, 50 + 1.7F * step, side, side};
      watch.scene.blocks = {{where, contrast}};
      const MotionResult result = watch.next();
      seen += result.moved;
      ++tries;
      if (result.moved) {
        const Box frame_px{where.x * 4, where.y * 4, where.width * 4, where.height * 4};
        CHECK(perch::iou(result.bounds_px, frame_px) > 0.3);
      }
      watch.scene.blocks.clear();
      watch.next();
    }
    CAPTURE(contrast);
    CHECK(seen >= tries - 1);
  }
}

TEST_CASE("an object smaller than min_area is not motion") {
  Watch watch(9, {.min_area = 0.02});
  watch.next();
  watch.moved(10);
  watch.scene.blocks = {{{100, 60, 16, 16}, 60}};
  CHECK(watch.moved(10) == 0);
  watch.scene.blocks = {{{100, 60, 50, 40}, 60}};
  CHECK(watch.next().moved);
}

TEST_CASE("more sensitivity sees fainter objects") {
  const auto seen = [](double sensitivity, float contrast) {
    Watch watch(10, {.sensitivity = sensitivity});
    watch.next();
    watch.moved(20);
    watch.scene.blocks = {{{100, 60, 40, 30}, contrast}};
    return watch.next().moved;
  };
  CHECK_FALSE(seen(0.5, 3));
  CHECK(seen(1, 8));
  CHECK(seen(0.5, 15));
  CHECK_FALSE(seen(0, 15));
  CHECK(seen(0, 60));
}

TEST_CASE("a slow object does not melt into the background") {
  for (const float speed_px_s : {1.F, 4.F, 20.F}) {
    CAPTURE(speed_px_s);
    Watch watch(11);
    watch.next();
    watch.moved(20);
    int moved = 0;
    const int frames = speed_px_s < 2 ? 400 : 60;
    for (int i = 0; i < frames; ++i) {
      watch.scene.blocks = {{{20 + speed_px_s * 0.2F * static_cast<float>(i), 60, 60, 40}, 40}};
      moved += watch.next().moved;
    }
    // At 1 px a second, five minutes for the whole way, some looks find no edge that has moved enough.
    CHECK(moved >= (speed_px_s < 2 ? frames * 85 / 100 : frames - 2));
  }
}

TEST_CASE("an object that stays becomes background, and its departure is motion") {
  Watch watch(12);
  watch.next();
  watch.moved(20);
  watch.scene.blocks = {{{100, 60, 40, 30}, 40}};
  CHECK(watch.moved(5) == 5);
  CHECK(watch.moved(100) <= 2);
  CHECK(watch.moved(20) == 0);
  watch.scene.blocks.clear();
  const MotionResult gone = watch.next();
  CHECK(gone.moved);
  CHECK(perch::iou(gone.bounds_px, {400, 240, 160, 120}) > 0.8);
  watch.moved(10);
  CHECK(watch.moved(100) == 0);
}

TEST_CASE("settle says how long a thing must stay") {
  Watch watch(21, {.settle = 10s});
  watch.next();
  watch.moved(20);
  watch.scene.blocks = {{{100, 60, 40, 30}, 40}};
  CHECK(watch.moved(45) == 45);
  watch.moved(10);
  CHECK(watch.moved(50) == 0);
}

TEST_CASE("a camera that is asked once a minute sees what came and went in between") {
  Watch watch(13, {}, 1min);
  watch.next();
  CHECK(watch.moved(10) == 0);
  watch.scene.blocks = {{{100, 60, 40, 30}, 40}};
  CHECK(watch.next().moved);
  watch.moved(3);
  CHECK(watch.moved(10) == 0);
  watch.scene.blocks.clear();
  CHECK(watch.next().moved);
}

TEST_CASE("mains flicker is no motion, and an object in it is") {
  Watch watch(14);
  int moved = 0;
  for (int i = 0; i < 300; ++i) {
    // 100 Hz light seen at 5 fps with a clock 0.3 % off: the picture breathes, and bands wander over it.
    const float beat = static_cast<float>(i) * 20 * 0.003F * 2 * std::numbers::pi_v<float>;
    watch.scene.gain = 1 + 0.06F * std::sin(beat);
    watch.scene.banding = 4;
    watch.scene.band_phase = 1.7F * beat;
    const bool now = watch.next().moved;
    if (i > 10) moved += now;
  }
  CHECK(moved == 0);
  watch.scene.blocks = {{{100, 60, 30, 30}, 50}};
  CHECK(watch.next().moved);
}

TEST_CASE("a busy road stays visible: what passes often does not count as noise") {
  Watch watch(15);
  watch.next();
  int seen = 0, passes = 0;
  for (int i = 0; i < 900; ++i) {
    const bool car = i % 5 < 2;
    watch.scene.blocks.clear();
    if (car) watch.scene.blocks = {{{100 + 30 * static_cast<float>(i % 5), 60, 40, 30}, 40}};
    const bool moved = watch.next().moved;
    passes += car;
    seen += car && moved;
  }
  CHECK(seen >= passes - 2);
}

}  // namespace perch::vision
