#include "vision/motion.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using perch::Box;
using perch::Nanoseconds;
using perch::image::Picture;
using perch::image::Size;
using perch::vision::MotionConfig;
using perch::vision::MotionDetector;
using perch::vision::MotionResult;

namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 180;
constexpr Size kFrame{1280, 720};

/// A fixed view with soft and hard edges, and what a camera makes of it. Everything follows from the seed.
class Scene {
 public:
  explicit Scene(unsigned seed) : random_(seed), view_(static_cast<std::size_t>(kWidth * kHeight)), noise_(1U << 16U) {
    std::normal_distribution<float> normal;
    for (float& n : noise_) n = normal(random_);
    std::uniform_real_distribution<float> uniform;
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x)
        at(x, y) = 70 + 0.2F * static_cast<float>(x) + 20 * std::sin(static_cast<float>(y) / 23);
    for (int i = 0; i < 40; ++i) {
      const int left = static_cast<int>(uniform(random_) * 300), top = static_cast<int>(uniform(random_) * 160);
      const int width = 4 + static_cast<int>(uniform(random_) * 40),
                height = 4 + static_cast<int>(uniform(random_) * 30);
      const float shade = uniform(random_) * 120 - 60;
      for (int y = top; y < std::min(top + height, kHeight); ++y)
        for (int x = left; x < std::min(left + width, kWidth); ++x)
          at(x, y) = std::clamp(at(x, y) + shade, 10.F, 215.F);
    }
  }

  float sigma = 2;  ///< of each pixel's noise, in levels
  float gain = 1;
  float offset = 0;
  float banding = 0;  ///< amplitude of a mains flicker as a rolling shutter sees it
  float band_phase = 0;

  struct Block {
    Box where;           ///< px of the luma picture
    float contrast = 0;  ///< levels added
  };

  std::vector<Block> blocks;

  /// A lamp on the left: the light falls off across the picture.
  void light_a_lamp() {
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x)
        at(x, y) = std::min(250.F, at(x, y) * (1 + 1.5F * std::exp(-static_cast<float>(x) / 150)) + 20);
  }

  const Picture& take() {
    for (int y = 0; y < kHeight; ++y) {
      const float band = banding * std::sin(static_cast<float>(y) / 20 + band_phase);
      const std::size_t from = random_() % (noise_.size() - kWidth);
      for (int x = 0; x < kWidth; ++x) {
        float value = at(x, y);
        for (const Block& b : blocks) value += b.contrast * cover(b.where, x, y);
        value = value * gain + offset + band + sigma * noise_[from + static_cast<std::size_t>(x)];
        *picture_.at(x, y) = static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
      }
    }
    return picture_;
  }

 private:
  float& at(int x, int y) { return view_[static_cast<std::size_t>(y) * kWidth + static_cast<std::size_t>(x)]; }

  static float cover(const Box& b, int x, int y) {
    return perch::intersection(b, {static_cast<float>(x), static_cast<float>(y), 1, 1}).area();
  }

  std::mt19937 random_;
  std::vector<float> view_, noise_;
  Picture picture_{kWidth, kHeight, 1};
};

/// A detector that is shown a scene frame by frame.
struct Watch {
  Scene scene;
  MotionDetector detector;
  Nanoseconds interval;
  Nanoseconds now{0};

  explicit Watch(unsigned seed, const MotionConfig& config = {}, Nanoseconds every = 200ms)
      : scene(seed),
        detector(MotionDetector::create(config).value()),
        interval(every) {}

  MotionResult next() {
    now += interval;
    return detector.update(scene.take().view(), kFrame, now);
  }

  /// Frames with motion among the next `count`.
  int moved(int count) {
    int n = 0;
    for (int i = 0; i < count; ++i) n += next().moved;
    return n;
  }
};

}  // namespace

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
