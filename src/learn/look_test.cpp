#include "learn/look.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "image/codec.hpp"

namespace perch::learn {

namespace {

/// A view with soft shapes, so that its hash is not at the mercy of noise, and a car-sized block at `x`.
image::Picture view_with_block(int x, int gain = 0) {
  image::Picture picture(320, 180);
  for (int row = 0; row < 180; ++row)
    for (int column = 0; column < 320; ++column) {
      const bool block = column >= x && column < x + 40 && row >= 80 && row < 100;
      const int level = block ? 220 : 60 + (column * 3 + row * 2) % 90 + gain;
      std::fill_n(picture.at(column, row), 3, static_cast<std::uint8_t>(std::clamp(level, 0, 255)));
    }
  return picture;
}

Look look_of_jpeg(const image::Picture& picture, int quality) {
  const Bytes jpeg = image::encode_jpeg(picture.view(), quality).value();
  image::Picture back;
  REQUIRE(image::PictureDecoder().decode(jpeg, back));
  return look_of(back.view());
}

}  // namespace

TEST_CASE("a picture nearly equals itself compressed anew, and a little brighter") {
  const Look look = look_of(view_with_block(100).view());
  CHECK(nearly_equal(look, look_of_jpeg(view_with_block(100), 40)));
  CHECK(nearly_equal(look, look_of(view_with_block(100, 8).view())));
}

TEST_CASE("a car that drove on within the view of a camera that stands still makes another picture") {
  CHECK_FALSE(nearly_equal(look_of(view_with_block(100).view()), look_of(view_with_block(160).view())));
  CHECK_FALSE(nearly_equal(look_of(view_with_block(100).view()), look_of(view_with_block(120).view())));
}

TEST_CASE("a picture of one pixel has a look") {
  CHECK(nearly_equal(look_of(image::Picture(1, 1).view()), look_of(image::Picture(500, 3, 1).view())));
}

}  // namespace perch::learn
