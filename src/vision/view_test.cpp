#include "vision/view.hpp"

#include <cmath>
#include <utility>

#include <doctest/doctest.h>

#include "support/view_faults.hpp"

using namespace perch;
using namespace std::chrono_literals;
using image::Picture;
using vision::ViewFault;
using vision::ViewWatch;

namespace {

constexpr int kMargin = 24;

/// A wall with things of all sizes and shades on it, with a margin to turn into.
Picture things(unsigned seed) {
  std::mt19937 random(seed);
  Picture picture(160 + 2 * kMargin, 90 + 2 * kMargin, 1);
  std::fill_n(picture.data(), static_cast<std::ptrdiff_t>(picture.width()) * picture.height(), std::uint8_t{120});
  for (int i = 0; i < 60; ++i) {
    const int left = static_cast<int>(random() % 200), top = static_cast<int>(random() % 130);
    const int width = 4 + static_cast<int>(random() % 30), height = 4 + static_cast<int>(random() % 30);
    const auto level = static_cast<std::uint8_t>(20 + random() % 220);
    for (int y = top; y < std::min(top + height, picture.height()); ++y)
      for (int x = left; x < std::min(left + width, picture.width()); ++x) *picture.at(x, y) = level;
  }
  return picture;
}

/// A camera at 1 frame a second.
struct Watched {
  ViewWatch watch;
  Nanoseconds now{0};
  std::mt19937 random{7};
  Picture world = things(1);

  std::optional<ViewFault> see(const Picture& picture, double light = 1, Nanoseconds step = 1s) {
    const Picture noisy = test::lit(picture, light, 2, random);
    now += step;
    return watch.look(noisy.view(), vision::luma_stats(noisy.view()), now);
  }

  Picture usual() const { return test::turned(world, kMargin, 0, 0); }

  void learn(int looks = 60) {
    for (int i = 0; i < looks; ++i) REQUIRE(see(usual()) == std::nullopt);
  }

  /// How many seconds of this picture it takes to name a fault; 0: none within two minutes.
  int seconds_until(ViewFault fault, const Picture& picture, double light = 1) {
    for (int i = 1; i <= 120; ++i)
      if (see(picture, light) == fault) return i;
    return 0;
  }

  bool named_in_time(ViewFault fault, const Picture& picture, double light = 1) {
    const int seconds = seconds_until(fault, picture, light);
    return seconds > 5 && seconds <= 40;
  }
};

}  // namespace

TEST_CASE("a camera that was turned is moved: a little, a lot, and quite elsewhere") {
  for (const auto& [dx, dy] : {std::pair{5, 0}, {-6, 3}, {0, 6}, {20, -12}}) {
    Watched camera;
    camera.learn();
    CAPTURE(dx);
    CHECK(camera.named_in_time(ViewFault::moved, test::turned(camera.world, kMargin, dx, dy)));
    REQUIRE(camera.watch.comparison());
    const auto shift = camera.watch.comparison()->shift;
    CHECK(std::abs(shift.dx + dx / 2) <= 1);
    CHECK(std::abs(shift.dy + dy / 2) <= 1);
    for (int i = 0; i < ViewWatch::kClearLooks; ++i) camera.see(camera.usual());
    CHECK(camera.watch.fault() == std::nullopt);
  }
  Watched camera;
  camera.learn();
  CHECK(camera.named_in_time(ViewFault::moved, test::turned(things(2), kMargin, 0, 0)));
}

TEST_CASE("a lens that lost its focus is blurred, and a cloth before it covers it, in any light") {
  for (const double light : {0.6, 1.0, 1.4}) {
    CAPTURE(light);
    for (const int radius : {2, 4}) {
      Watched camera;
      camera.learn();
      CHECK(camera.named_in_time(ViewFault::blurred, test::blurred(camera.usual(), radius), light));
    }
    for (const int level : {100, 128, 160}) {
      Watched camera;
      camera.learn();
      CHECK(camera.named_in_time(ViewFault::covered, test::covered(camera.usual(), level), light));
      for (int i = 0; i < ViewWatch::kClearLooks; ++i) camera.see(camera.usual());
      CHECK(camera.watch.fault() == std::nullopt);
    }
  }
}

TEST_CASE("a short fault, a passer-by who fills the picture, and a shaking mast are none") {
  Watched camera;
  camera.learn();
  for (int i = 0; i < 10; ++i) CHECK_FALSE(camera.see(test::covered(camera.usual(), 100)));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(camera.see(camera.usual()));
  for (int i = 0; i < 200; ++i) {
    const int dx = static_cast<int>(camera.random() % 9) - 4, dy = static_cast<int>(camera.random() % 9) - 4;
    CHECK_FALSE(camera.see(test::turned(camera.world, kMargin, dx, dy)));
  }
}

TEST_CASE("light that is switched, doubled, or fades into night is no fault") {
  Watched camera;
  camera.learn();
  for (int i = 0; i < 300; ++i) CHECK_FALSE(camera.see(camera.usual(), i / 60 % 2 == 0 ? 0.3 : 1.0));
  for (int i = 0; i < 120; ++i) CHECK_FALSE(camera.see(camera.usual(), 1.8));
  for (int i = 0; i < 600; ++i) CHECK_FALSE(camera.see(camera.usual(), std::max(0.02, 1.0 - i / 300.0)));
  for (int i = 0; i < 600; ++i) CHECK_FALSE(camera.see(camera.usual(), std::min(1.0, 0.02 + i / 300.0)));
}

TEST_CASE("a new view becomes the usual one in an hour; nobody has to say so") {
  Watched camera;
  camera.learn();
  const Picture elsewhere = test::turned(camera.world, kMargin, 12, 0);
  CHECK(camera.named_in_time(ViewFault::moved, elsewhere));
  for (int i = 0; i < 59; ++i) CHECK(camera.see(elsewhere, 1, 60s) == ViewFault::moved);
  camera.see(elsewhere, 1, 60s);
  camera.see(elsewhere, 1, 60s);
  CHECK(camera.watch.fault() == std::nullopt);
  for (int i = 0; i < 100; ++i) CHECK_FALSE(camera.see(elsewhere));
  CHECK(camera.named_in_time(ViewFault::moved, camera.usual()));
}

TEST_CASE("it looks once a second at most, and starts over when the picture changes its size") {
  Watched camera;
  camera.learn();
  CHECK_FALSE(camera.watch.due(camera.now + 500ms));
  CHECK(camera.watch.due(camera.now + 950ms));
  CHECK(camera.named_in_time(ViewFault::moved, test::turned(camera.world, kMargin, 12, 0)));
  const Picture small(40, 40, 1);
  camera.see(small);
  CHECK(camera.watch.fault() == std::nullopt);
  CHECK_FALSE(camera.watch.comparison());
  camera.see(Picture(3, 3, 1));
  CHECK(camera.watch.fault() == std::nullopt);
}

TEST_CASE("a picture without edges has nothing to lose, cover or move") {
  Watched camera;
  const Picture wall = test::covered(camera.usual(), 128);
  for (int i = 0; i < 200; ++i) CHECK_FALSE(camera.see(wall));
  for (int i = 0; i < 200; ++i) CHECK_FALSE(camera.see(test::blurred(wall, 3)));
}
