#include "image/orientation.hpp"

#include <array>
#include <utility>

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/picture_files.hpp"

namespace perch::image {

namespace {

constexpr int kWidth = 70, kHeight = 41;  // no multiples of a block

/// Where in the stored picture the pixel (x, y) of the upright one is, as EXIF's drawings show it.
std::pair<int, int> stored_place(int orientation, Size stored, int x, int y) {
  const int right = stored.width - 1, bottom = stored.height - 1;
  switch (orientation) {
    case 2:
      return {right - x, y};
    case 3:
      return {right - x, bottom - y};
    case 4:
      return {x, bottom - y};
    case 5:
      return {y, x};
    case 6:
      return {y, bottom - x};
    case 7:
      return {right - y, bottom - x};
    case 8:
      return {right - y, x};
    default:
      return {x, y};
  }
}

bool is_turned(const Picture& stored, int orientation, const Picture& upright) {
  for (int y = 0; y < upright.height(); ++y)
    for (int x = 0; x < upright.width(); ++x) {
      const auto [sx, sy] = stored_place(orientation, stored.size(), x, y);
      if (!std::equal(upright.at(x, y), upright.at(x, y) + upright.channels(), stored.at(sx, sy))) return false;
    }
  return true;
}

Bytes exif_of(std::uint16_t orientation, bool little_endian) {
  const Bytes file = test::with_exif_orientation({0xff, 0xd8}, orientation, little_endian);
  return {file.begin() + 6, file.end()};
}

}  // namespace

TEST_CASE("a picture taken with the camera on its side comes out upright, whole, reduced and as luma") {
  const Bytes plain = test::jpeg_file(kWidth, kHeight);
  PictureDecoder decoder;
  Picture stored, upright;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const Size full = orientation >= 5 ? Size{kHeight, kWidth} : Size{kWidth, kHeight};
    for (const bool little_endian : {false, true}) {
      const Bytes file = test::with_exif_orientation(plain, static_cast<std::uint16_t>(orientation), little_endian);
      CHECK(decoder.probe(file).value().size == full);
      REQUIRE(decoder.decode(plain, stored));
      CHECK(decoder.decode(file, upright).value() == full);
      CHECK(upright.size() == full);
      CHECK(is_turned(stored, orientation, upright));
    }
    const Bytes file = test::with_exif_orientation(plain, static_cast<std::uint16_t>(orientation));
    const Size half = turned({30, 15}, static_cast<Orientation>(orientation));
    REQUIRE(decoder.decode(plain, stored, {30, 15}));
    CHECK(decoder.decode(file, upright, half).value() == full);
    CHECK(stored.size() == Size{35, 21});
    CHECK(is_turned(stored, orientation, upright));
    REQUIRE(decoder.decode_luma(plain, stored, 1));  // an eighth, which is read without libjpeg
    CHECK(decoder.decode_luma(file, upright, 1).value() == full);
    CHECK(upright.channels() == 1);
    CHECK(is_turned(stored, orientation, upright));
  }
}

TEST_CASE("luma is as wide as was asked for once it is upright") {
  Picture luma;
  const Bytes file = test::with_exif_orientation(test::jpeg_file(320, 160), 8);
  CHECK(PictureDecoder().decode_luma(file, luma, 41).value() == Size{160, 320});
  CHECK(luma.size() == Size{80, 160});
}

TEST_CASE("a reader that has turned one picture leaves the next as it is") {
  const Bytes plain = test::jpeg_file(kWidth, kHeight);
  PictureDecoder decoder;
  Picture picture;
  REQUIRE(decoder.decode(test::with_exif_orientation(plain, 6), picture));
  CHECK(decoder.decode(plain, picture).value() == Size{kWidth, kHeight});
  CHECK(picture.size() == Size{kWidth, kHeight});
}

TEST_CASE("the first of several Exif segments counts, whatever else stands before the picture") {
  const Bytes plain = test::jpeg_file(kWidth, kHeight);
  Bytes file = test::with_exif_orientation(test::with_exif_orientation(plain, 3), 6);
  constexpr std::array<std::uint8_t, 11> kOther{0xff, 0xe1, 0, 9, 'h', 't', 't', 'p', ':', '/', '/'};
  file.insert(file.begin() + 2, kOther.begin(), kOther.end());
  CHECK(PictureDecoder().probe(file).value().size == Size{kHeight, kWidth});
}

TEST_CASE("a file that ends or breaks off in its Exif segment is no picture") {
  const Bytes file = test::with_exif_orientation(test::jpeg_file(kWidth, kHeight), 6);
  PictureDecoder decoder;
  for (std::size_t length = 3; length < 48; ++length) {
    CAPTURE(length);
    CHECK_FALSE(decoder.probe(ByteView(file).first(length)));
  }
  Bytes none = file;
  none[4] = none[5] = 0;  // the segment's length, which counts itself
  CHECK_FALSE(decoder.probe(none));
}

TEST_CASE("a PNG is turned as its EXIF says, with alpha and without") {
  PictureDecoder decoder;
  Picture stored, upright;
  for (const int colour_type : {2, 6}) {
    const Bytes plain = test::png_file(kWidth, kHeight, {.colour_type = colour_type, .bits = 8});
    REQUIRE(decoder.decode(plain, stored));
    for (int orientation = 1; orientation <= 8; ++orientation)
      for (const bool little_endian : {false, true}) {
        CAPTURE(orientation);
        const auto number = static_cast<std::uint16_t>(orientation);
        const Bytes file = test::with_png_exif(plain, test::tiff_with_orientation(number, little_endian));
        const Size full = turned({kWidth, kHeight}, static_cast<Orientation>(orientation));
        CHECK(decoder.probe(file).value().size == full);
        CHECK(decoder.decode(file, upright).value() == full);
        CHECK(is_turned(stored, orientation, upright));
        CHECK(decoder.decode_luma(file, upright, 1).value() == full);
      }
    REQUIRE(decoder.decode(plain, upright));  // after one that was turned
    CHECK(upright.size() == Size{kWidth, kHeight});
  }
}

TEST_CASE("a PNG whose EXIF makes no sense is as it is stored") {
  const Bytes plain = test::png_file(kWidth, kHeight);
  const Bytes exif = test::tiff_with_orientation(6);
  Picture picture;
  const Bytes junk{'j', 'u', 'n', 'k'}, cut(exif.begin(), exif.begin() + 20);
  for (const Bytes& nonsense : {junk, cut, test::tiff_with_orientation(9)}) {
    const Bytes file = test::with_png_exif(plain, nonsense);
    CHECK(PictureDecoder().probe(file).value().size == Size{kWidth, kHeight});
    CHECK(PictureDecoder().decode(file, picture).value() == Size{kWidth, kHeight});
  }
}

TEST_CASE("an Exif segment that is none, cut short or without sense turns nothing") {
  for (const bool little_endian : {false, true}) {
    const Bytes exif = exif_of(6, little_endian);
    CHECK(exif_orientation(exif) == Orientation::clockwise);
    constexpr std::size_t kBehind = 4;  // bytes, that are not asked for
    for (std::size_t length = 0; length + kBehind < exif.size(); ++length) {
      CAPTURE(length);
      CHECK(exif_orientation(ByteView(exif).first(length)) == Orientation::upright);
    }
    for (const std::uint16_t number : {0, 9, 255, 65535})
      CHECK(exif_orientation(exif_of(number, little_endian)) == Orientation::upright);
    Bytes far = exif;
    far[little_endian ? 13 : 10] = 0xff;  // the directory begins beyond the end
    CHECK(exif_orientation(far) == Orientation::upright);
  }
  Bytes other = exif_of(6, false);
  other[6] = 'X';
  CHECK(exif_orientation(other) == Orientation::upright);
}

}  // namespace perch::image
