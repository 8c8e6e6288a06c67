#include <doctest/doctest.h>

#include "support/motion_scene.hpp"

namespace perch::vision {

using namespace std::chrono_literals;
using namespace perch::test;

TEST_CASE("the first frame counts as motion, for there is nothing to compare it with") {
  Watch watch(1);
  const MotionResult first = watch.next();
  CHECK(first.moved);
  CHECK(first.first);
  const MotionResult second = watch.next();
  CHECK_FALSE(second.moved);
  CHECK_FALSE(second.first);
}

TEST_CASE("a still scene is still whatever its noise") {
  for (const float sigma : {0.F, 1.F, 3.F, 6.F, 12.F}) {
    CAPTURE(sigma);
    Watch watch(2);
    watch.scene.sigma = sigma;
    watch.next();
    CHECK(watch.moved(200) == 0);
  }
}

TEST_CASE("noise that grows as it gets dark is learned") {
  Watch watch(3);
  watch.next();
  int moved = 0;
  for (int i = 0; i < 300; ++i) {
    watch.scene.sigma = 2 + 10 * static_cast<float>(i) / 300;
    watch.scene.gain = 1 - 0.6F * static_cast<float>(i) / 300;
    moved += watch.next().moved;
  }
  CHECK(moved == 0);
}

TEST_CASE("light that changes over minutes is no motion") {
  Watch watch(4, {}, 1s);
  watch.next();
  int moved = 0;
  for (int i = 0; i < 600; ++i) {
    watch.scene.offset = 30 * std::sin(static_cast<float>(i) / 95);
    watch.scene.gain = 1 + 0.2F * std::sin(static_cast<float>(i) / 60);
    moved += watch.next().moved;
  }
  CHECK(moved == 0);
}

TEST_CASE("a step of auto-exposure is no motion") {
  for (const float gain : {0.8F, 0.9F, 1.1F, 1.25F}) {
    CAPTURE(gain);
    Watch watch(5);
    watch.next();
    CHECK(watch.moved(20) == 0);
    watch.scene.gain = gain;
    CHECK(watch.moved(20) == 0);
    watch.scene.gain = 1;
    CHECK(watch.moved(20) == 0);
  }
}

TEST_CASE("an object that comes together with a step of auto-exposure is seen") {
  Watch watch(6);
  watch.next();
  watch.moved(20);
  watch.scene.gain = 0.85F;
  watch.scene.blocks = {{{200, 90, 40, 30}, 60}};
  const MotionResult result = watch.next();
  CHECK(result.moved);
  CHECK_FALSE(result.light_switch);
  CHECK(perch::iou(result.bounds_px, {800, 360, 160, 120}) > 0.8);
}

TEST_CASE("a light that is switched is one change, and then the scene is still again") {
  Watch watch(7);
  watch.next();
  CHECK(watch.moved(30) == 0);
  SUBCASE("a lamp that falls on one side") {
    watch.scene.light_a_lamp();
  }
  SUBCASE("twice the light everywhere") {
    watch.scene.gain = 0.5F;
  }
  SUBCASE("grey levels pushed up") {
    watch.scene.offset = 60;
  }
  const MotionResult result = watch.next();
  CHECK(result.moved);
  CHECK(result.light_switch);
  CHECK(result.bounds_px == Box{0, 0, 1280, 720});
  CHECK(watch.moved(30) <= 2);
  watch.scene.blocks = {{{100, 60, 20, 20}, 40}};
  CHECK(watch.next().moved);
}

TEST_CASE("a shake by a pixel of the camera's picture is no motion") {
  Watch still(16);
  Scene& scene = still.scene;
  scene.blocks = {{{60, 40, 80, 60}, 90}};
  still.next();
  int moved = 0;
  for (int i = 0; i < 60; ++i) {
    scene.blocks[0].where.x = 60 + (i % 2 == 0 ? 0.F : 0.25F);
    moved += still.next().moved;
  }
  CHECK(moved == 0);
}

TEST_CASE("what a mask covers is ignored") {
  Watch watch(17, {.exclude = {{400, 0, 400, 720}, {900, 600, 1200, 600, 1050, 700}}});
  watch.next();
  watch.moved(10);
  watch.scene.blocks = {{{120, 60, 60, 40}, 60}};
  CHECK(watch.moved(5) == 0);
  watch.scene.blocks = {{{258, 155, 10, 8}, 60}};
  CHECK(watch.moved(5) == 0);
  watch.scene.blocks = {{{20, 60, 40, 40}, 60}};
  const MotionResult result = watch.next();
  CHECK(result.moved);
  CHECK(result.bounds_px.right() <= 400);
}

TEST_CASE("a picture that is masked as a whole never moves") {
  Watch watch(18, {.exclude = {{0, 0, 1280, 720}}});
  watch.next();
  watch.scene.blocks = {{{20, 60, 40, 40}, 60}};
  CHECK(watch.moved(5) == 0);
  watch.scene.gain = 0.3F;
  CHECK(watch.moved(5) == 0);
}

TEST_CASE("a mask that is no polygon is an error that says which") {
  for (const std::vector<float>& mask : {std::vector<float>{1, 2, 3}, std::vector<float>{},
                                         std::vector<float>{0, 0, 10, 10, 20}, std::vector<float>{0, 0, 0, 10}}) {
    const auto made = MotionDetector::create({.exclude = {{0, 0, 10, 10}, mask}});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == perch::Errc::invalid);
    CHECK(made.error().what == "mask 2 is no polygon");
  }
}

TEST_CASE("a camera that changes its picture size starts afresh") {
  Watch watch(19);
  watch.next();
  watch.next();
  const Picture small(160, 120, 1);
  const MotionResult changed = watch.detector.update(small.view(), {640, 480}, watch.now + 1s);
  CHECK(changed.first);
  CHECK_FALSE(watch.detector.update(small.view(), {640, 480}, watch.now + 2s).moved);
}

TEST_CASE("pictures of any size and any time are taken without harm") {
  auto detector = MotionDetector::create({}).value();
  for (const Size size : {Size{1, 1}, Size{1, 400}, Size{400, 1}, Size{7, 3}, Size{81, 80}, Size{12'000, 300}}) {
    Picture picture(size.width, size.height, 1);
    CHECK(detector.update(picture.view(), size, 5s).first);
    CHECK_FALSE(detector.update(picture.view(), size, 5s).moved);
    CHECK_FALSE(detector.update(picture.view(), size, 1s).moved);
    std::fill_n(picture.data(), picture.stride() * size.height, std::uint8_t{255});
    CHECK(detector.update(picture.view(), size, 6s).light_switch);
  }
}

TEST_CASE("the same frames give the same results") {
  Watch a(20), b(20);
  for (int i = 0; i < 50; ++i) {
    a.scene.blocks = b.scene.blocks = {{{20 + 3 * static_cast<float>(i), 60, 30, 20}, 30}};
    const MotionResult x = a.next(), y = b.next();
    CHECK(x.moved == y.moved);
    CHECK(x.changed_share == y.changed_share);
    CHECK(x.bounds_px == y.bounds_px);
  }
}

}  // namespace perch::vision
