#include "image/thermal_picture.hpp"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "image/colour_map.hpp"

using namespace perch::image;

namespace {

Colour at(const Picture& picture, int x, int y) {
  const std::uint8_t* p = picture.at(x, y);
  return {p[0], p[1], p[2]};
}

}  // namespace

TEST_CASE("a grid is drawn in squares of its colours, with its scale in a corner") {
  std::vector<float> grid(24 * 32, 20);
  grid[0] = 40;
  grid[33] = 30;
  grid[31] = NAN;
  Picture picture;
  draw_thermal(grid, 24, 32, {}, picture);
  CHECK(picture.size() == Size{640, 480});
  CHECK(at(picture, 0, 0) == thermal_colour(999));
  CHECK(at(picture, 19, 19) == thermal_colour(999));
  CHECK(at(picture, 20, 19) == thermal_colour(0));
  CHECK(at(picture, 30, 30) == thermal_colour(499));
  CHECK(at(picture, 639, 0) == Colour{128, 128, 128});
  bool written = false;
  for (int x = 0; x < 100; ++x) written = written || at(picture, x, 470).red > 200;
  CHECK(written);
}

TEST_CASE("the scale is 20 to 40 °C, and wider only where the grid is") {
  const auto scale = [](std::vector<float> values) { return thermal_scale(values); };
  CHECK(scale({21, 39}) == ThermalScale{20, 40});
  CHECK(scale({}) == ThermalScale{20, 40});
  CHECK(scale({NAN, 25}) == ThermalScale{20, 40});
  CHECK(scale({19.9F, 25}) == ThermalScale{10, 40});
  CHECK(scale({22, 93}) == ThermalScale{20, 100});
  CHECK(scale({-18, 4}) == ThermalScale{-20, 10});
  CHECK(scale({50, 50}) == ThermalScale{50, 60});
}

TEST_CASE("what is no whole grid is no picture, and a large grid no huge one") {
  Picture picture;
  draw_thermal(std::vector<float>(5, 20), 2, 3, {}, picture);
  CHECK(picture.size() == Size{0, 0});
  draw_thermal({}, 0, 0, {}, picture);
  CHECK(picture.size() == Size{0, 0});
  draw_thermal(std::vector<float>(3000, 20), 1500, 2, {}, picture);
  CHECK(picture.width() * picture.height() <= 4'000'000);
}
