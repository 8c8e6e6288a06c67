#include "vision/motion_luma.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using perch::image::Picture;
using perch::vision::luma_stats;
using perch::vision::LumaStats;
using perch::vision::reduce_to_luma;

namespace {

Picture filled(int width, int height, int channels, std::uint8_t level) {
  Picture picture(width, height, channels);
  std::fill_n(picture.data(), picture.stride() * height, level);
  return picture;
}

}  // namespace

TEST_CASE("a picture of one grey has that brightness, whatever its size and channels") {
  for (const int channels : {1, 3})
    for (const int side : {1, 2, 63, 200, 700}) {
      const LumaStats stats = luma_stats(filled(side, side, channels, 90).view());
      CHECK(stats.mean == 90);
      CHECK(stats.low == 90);
      CHECK(stats.high == 90);
    }
}

TEST_CASE("a lamp in the night shows in the highest hundredth, a star does not") {
  Picture night = filled(320, 180, 1, 4);
  for (int y = 0; y < 4; ++y) std::fill_n(night.at(0, y), 4, std::uint8_t{250});
  CHECK(luma_stats(night.view()).high == 4);
  for (int y = 0; y < 40; ++y) std::fill_n(night.at(0, y), 40, std::uint8_t{250});
  const LumaStats lamp = luma_stats(night.view());
  CHECK(lamp.high == 250);
  CHECK(lamp.low == 4);
  CHECK(lamp.mean == doctest::Approx(4 + 246 * 1600.0 / 57600).epsilon(0.05));
}

TEST_CASE("a colour picture is reduced to luma no narrower than asked") {
  Picture picture(640, 360, 3);
  for (int y = 0; y < 360; ++y)
    for (int x = 0; x < 640; ++x) {
      picture.at(x, y)[0] = x < 320 ? 255 : 0;
      picture.at(x, y)[1] = 0;
      picture.at(x, y)[2] = x < 320 ? 0 : 255;
    }
  Picture luma;
  reduce_to_luma(picture.view(), 160, luma);
  CHECK(luma.size() == perch::image::Size{160, 90});
  CHECK(luma.channels() == 1);
  CHECK(int(*luma.at(10, 45)) == 77);
  CHECK(int(*luma.at(150, 45)) == 29);
  reduce_to_luma(picture.view(), 200, luma);
  CHECK(luma.width() == 213);
  reduce_to_luma(picture.view(), 5000, luma);
  CHECK(luma.width() == 640);
  reduce_to_luma(picture.view(), 1, luma);
  CHECK(luma.width() == 80);
}
