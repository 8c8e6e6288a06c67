#include "image/overlay.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

namespace perch::image {

namespace {

constexpr Colour kPaper{90, 120, 150};

Picture paper(int width, int height) {
  Picture picture(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::uint8_t* p = picture.at(x, y);
      p[0] = kPaper.red, p[1] = kPaper.green, p[2] = kPaper.blue;
    }
  return picture;
}

Colour at(const Picture& picture, int x, int y) {
  const std::uint8_t* p = picture.at(x, y);
  return {p[0], p[1], p[2]};
}

int drawn(const Picture& picture) {
  int count = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) count += at(picture, x, y) != kPaper;
  return count;
}

}  // namespace

TEST_CASE("label colours are the same every time, and twenty neighbours are told apart") {
  for (int a = 0; a < 20; ++a) {
    CHECK(label_colour(a) == label_colour(a));
    for (int b = 0; b < a; ++b) {
      const Colour one = label_colour(a), other = label_colour(b);
      const double apart = std::hypot(one.red - other.red, one.green - other.green, one.blue - other.blue);
      CAPTURE(a);
      CAPTURE(b);
      CHECK(apart > 25);
    }
  }
  label_colour(-1);
  label_colour(std::numeric_limits<int>::min());
}

TEST_CASE("a box is drawn where it lies, with its label above it") {
  Picture picture = paper(640, 480);
  Overlay overlay(picture);
  const Colour red{255, 0, 0};
  overlay.box({100, 200, 300, 150}, red, "car 0.91");
  CHECK(at(picture, 250, 200) == red);
  CHECK(at(picture, 250, 349) == red);
  CHECK(at(picture, 100, 300) == red);
  CHECK(at(picture, 399, 300) == red);
  CHECK(at(picture, 250, 300) == kPaper);
  // The label's background begins at the left edge, above the box; letters on it are lighter.
  CHECK(at(picture, 102, 190) == red);
  int letters = 0;
  for (int y = 180; y < 199; ++y)
    for (int x = 100; x < 200; ++x) letters += at(picture, x, y).green > 128;
  CHECK(letters > 20);
}

TEST_CASE("a label stays on the picture where its box touches the edge") {
  for (const Box box : {Box{0, 0, 100, 100}, Box{600, 2, 40, 40}, Box{-50, -50, 120, 120}}) {
    Picture plain = paper(640, 480), labelled = paper(640, 480);
    Overlay(plain).box(box, {255, 0, 0});
    Overlay(labelled).box(box, {255, 0, 0}, "person");
    CHECK(drawn(labelled) > drawn(plain) + 200);
  }
}

TEST_CASE("letters grow with the picture") {
  Picture small = paper(160, 120), large = paper(1920, 1080);
  Overlay(small).text("CARS 3");
  Overlay(large).text("CARS 3");
  CHECK(drawn(small) > 100);
  CHECK(drawn(large) > 4 * drawn(small));
}

TEST_CASE("text goes to each corner, line by line, and what the font lacks is replaced") {
  for (const Corner corner : {Corner::top_left, Corner::top_right, Corner::bottom_left, Corner::bottom_right}) {
    Picture picture = paper(640, 480);
    Overlay overlay(picture);
    overlay.text("21.5 °C für dich\n", corner);
    const int one = drawn(picture);
    overlay.text("second", corner, 1);
    CHECK(drawn(picture) > one);
    const bool right = corner == Corner::top_right || corner == Corner::bottom_right;
    const bool bottom = corner == Corner::bottom_left || corner == Corner::bottom_right;
    CHECK(at(picture, right ? 639 : 0, bottom ? 479 : 0) == Colour{0, 0, 0});
    CHECK(at(picture, right ? 0 : 639, bottom ? 0 : 479) == kPaper);
  }
}

TEST_CASE("a pose shows the bones between points that are sure enough") {
  Picture picture = paper(320, 240);
  const std::vector<Point> points{{50, 50}, {150, 50}, {150, 200}};
  const std::vector<float> scores{0.9F, 0.8F, 0.1F};
  const std::vector<std::pair<int, int>> bones{{0, 1}, {1, 2}, {0, 99}, {-1, 0}};
  Overlay(picture).pose(points, scores, bones, {0, 255, 0});
  CHECK(at(picture, 100, 50) != kPaper);
  CHECK(at(picture, 150, 120) == kPaper);
  CHECK(at(picture, 50, 50) != kPaper);
  CHECK(at(picture, 150, 200) == kPaper);
  Overlay(picture).pose(points, {}, bones, {0, 255, 0});
  CHECK(at(picture, 150, 120) != kPaper);
}

TEST_CASE("a polygon is closed") {
  Picture picture = paper(320, 240);
  const std::vector<Point> corners{{50, 50}, {200, 60}, {210, 180}, {40, 170}};
  Overlay(picture).polygon(corners, {255, 255, 0}, "slot 1");
  CHECK(at(picture, 45, 110) != kPaper);
  CHECK(at(picture, 120, 120) == kPaper);
}

TEST_CASE("a heat map blends the thermal colours over its part, and nothing else") {
  Picture picture = paper(100, 100);
  const std::vector<float> grid{0, 0, 1, 1};
  Overlay(picture).heat_map(grid, 1, 4, {20, 20, 40, 40}, 0, 1, 1.0F);
  CHECK(at(picture, 21, 40) == thermal_colour(0));
  CHECK(at(picture, 58, 40) == thermal_colour(999));
  CHECK(at(picture, 19, 40) == kPaper);
  CHECK(at(picture, 60, 40) == kPaper);
  Picture half = paper(100, 100);
  Overlay(half).heat_map(grid, 1, 4, {20, 20, 40, 40}, 0, 1, 0.5F);
  CHECK(at(half, 58, 40).red == doctest::Approx((255 + kPaper.red) / 2).epsilon(0.02));
  Picture untouched = paper(100, 100);
  Overlay(untouched).heat_map(grid, 2, 4, {20, 20, 40, 40}, 0, 1);
  CHECK(drawn(untouched) == 0);
}

TEST_CASE("any coordinates, labels and sizes are safe to draw") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> odd{kNan,   kInfinity, -kInfinity, 3e38F, -3e38F, 1e9F,  -1e9F,
                               40'000, -40'000,   0,          -0.5F, 10,     1e-40F};
  std::mt19937 random(3);
  const auto any = [&] { return odd[random() % odd.size()]; };
  const std::string text(300, 'W');
  for (const Size size : {Size{1, 1}, Size{7, 3}, Size{64, 48}, Size{0, 0}}) {
    Picture picture = paper(size.width, size.height);
    Overlay overlay(picture);
    for (int i = 0; i < 400; ++i) {
      const Colour colour = label_colour(i);
      overlay.box({any(), any(), any(), any()}, colour, i % 3 == 0 ? text : "ok\xff\x01°");
      const std::vector<Point> points{{any(), any()}, {any(), any()}, {any(), any()}};
      overlay.polygon(points, colour, "p");
      overlay.polygon({}, colour, "p");
      overlay.pose(points, {}, std::vector<std::pair<int, int>>{{0, 1}, {1, 2}, {2, 0}}, colour);
      const std::vector<float> grid{any(), any(), any(), any()};
      overlay.heat_map(grid, 2, 2, {any(), any(), any(), any()}, any(), any(), any());
      overlay.text(text, static_cast<Corner>(i % 4), i - 5);
    }
  }
}

}  // namespace perch::image
