#include "image/codec.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

#include "support/picture_files.hpp"

namespace perch::image {

namespace {

using test::JpegKind;
using test::PngKind;
using Colours = JpegKind::Colours;

/// The largest difference of any channel from what the test's picture shows.
int worst(const Picture& picture, auto colour_at) {
  int most = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) {
      const std::array<int, 3> want = colour_at(x, y);
      for (int c = 0; c < 3; ++c)
        most = std::max(most, std::abs(picture.at(x, y)[c] - want[static_cast<std::size_t>(c)]));
    }
  return most;
}

std::string what_of(const auto& result) {
  return result ? std::string("no error") : result.error().message();
}

/// Where a JPEG's frame header stands.
std::size_t find_sof(const Bytes& file) {
  for (std::size_t i = 2; i + 1 < file.size(); ++i)
    if (file[i] == 0xff && (file[i + 1] == 0xc0 || file[i + 1] == 0xc2)) return i;
  return 0;
}

std::size_t find_sos(const Bytes& file) {
  for (std::size_t i = 2; i + 1 < file.size(); ++i)
    if (file[i] == 0xff && file[i + 1] == 0xda) return i;
  return 0;
}

}  // namespace

TEST_CASE("every kind of JPEG becomes the RGB it shows") {
  // The colours are smooth but for one wrap of each, where block coding rings: so the mean counts, and a bound.
  for (const Colours colours : {Colours::ycc, Colours::rgb, Colours::cmyk_adobe, Colours::ycck_adobe})
    for (const bool progressive : {false, true}) {
      CAPTURE(static_cast<int>(colours));
      CAPTURE(progressive);
      const Bytes file = test::jpeg_file(40, 17, {.colours = colours, .progressive = progressive, .quality = 100});
      PictureDecoder decoder;
      Picture picture;
      const auto size = decoder.decode(file, picture);
      REQUIRE_MESSAGE(size, what_of(size));
      CHECK(*size == Size{40, 17});
      CHECK(picture.channels() == 3);
      CHECK(worst(picture, test::scene_colour) <= 24);
    }
}

TEST_CASE("a picture is known by the end of its name, however it is written") {
  for (const char* name : {"a.jpg", "a.JPEG", "dir.d/b.Png"}) CHECK(is_picture_name(name));
  for (const char* name : {"jpg", ".jpg", "a.jpg.part", "a.gif", ""}) CHECK_FALSE(is_picture_name(name));
}

TEST_CASE("a grey JPEG becomes RGB of three equal channels") {
  PictureDecoder decoder;
  Picture picture;
  REQUIRE(decoder.decode(test::jpeg_file(40, 20, {.colours = Colours::grey, .quality = 100}), picture));
  REQUIRE(picture.channels() == 3);
  CHECK(worst(picture, [](int x, int y) {
          const int grey = test::scene_colour(x, y)[0];
          return std::array{grey, grey, grey};
        }) <= 3);
}

TEST_CASE("every kind of PNG becomes the RGB it shows, what is transparent over black") {
  std::vector<PngKind> kinds;
  for (const int bits : {1, 2, 4, 8, 16}) kinds.push_back({.colour_type = 0, .bits = bits});
  for (const int bits : {1, 2, 4, 8}) kinds.push_back({.colour_type = 3, .bits = bits});
  for (const int bits : {8, 16})
    for (const int type : {2, 4, 6}) kinds.push_back({.colour_type = type, .bits = bits});
  PictureDecoder decoder;
  Picture picture;
  for (PngKind kind : kinds)
    for (const bool interlaced : {false, true})
      for (const bool transparent : {false, true}) {
        if (transparent && (kind.colour_type == 4 || kind.colour_type == 6)) continue;
        kind.interlaced = interlaced;
        kind.transparent = transparent;
        CAPTURE(kind.colour_type);
        CAPTURE(kind.bits);
        CAPTURE(interlaced);
        CAPTURE(transparent);
        const auto size = decoder.decode(test::png_file(41, 19, kind), picture);
        REQUIRE_MESSAGE(size, what_of(size));
        CHECK(*size == Size{41, 19});
        CHECK(worst(picture, [&](int x, int y) { return test::png_colour(x, y, kind); }) == 0);
      }
}

TEST_CASE("a JPEG is reduced by 2, 4 or 8 at most, and never below what is asked for") {
  const Bytes file = test::jpeg_file(161, 99);
  PictureDecoder decoder;
  Picture picture;
  const auto decoded_at = [&](Size at_least) {
    const auto size = decoder.decode(file, picture, at_least);
    REQUIRE(size);
    CHECK(*size == Size{161, 99});
    return picture.size();
  };
  CHECK(decoded_at({0, 0}) == Size{161, 99});
  CHECK(decoded_at({161, 99}) == Size{161, 99});
  CHECK(decoded_at({1000, 1000}) == Size{161, 99});
  CHECK(decoded_at({82, 10}) == Size{161, 99});
  CHECK(decoded_at({81, 50}) == Size{81, 50});
  CHECK(decoded_at({41, 20}) == Size{41, 25});
  CHECK(decoded_at({1, 1}) == Size{21, 13});
}

TEST_CASE("luma alone has one channel, the brightness of the picture, and is reduced by width") {
  PictureDecoder decoder;
  Picture luma;
  for (const Bytes& file : {test::jpeg_file(160, 80, {.quality = 100}), test::png_file(160, 80),
                            test::jpeg_file(160, 80, {.colours = Colours::ycck_adobe, .quality = 100})}) {
    const auto full = decoder.decode_luma(file, luma, 160);
    REQUIRE(full);
    CHECK(*full == Size{160, 80});
    REQUIRE(luma.size() == Size{160, 80});
    REQUIRE(luma.channels() == 1);
    double off = 0;
    for (int y = 0; y < 80; ++y)
      for (int x = 0; x < 160; ++x) {
        const auto [red, green, blue] = test::scene_colour(x, y);
        off += std::abs(*luma.at(x, y) - (0.299 * red + 0.587 * green + 0.114 * blue));
      }
    CHECK(off / (160 * 80) < 1.5);
    REQUIRE(decoder.decode_luma(file, luma, 30));
    CHECK(luma.size() == Size{40, 20});
  }
}

TEST_CASE("65,000 × 65,000 pixels are refused before memory is spent on them") {
  Bytes jpeg = test::jpeg_file(16, 16);
  const std::size_t sof = find_sof(jpeg);
  jpeg[sof + 5] = jpeg[sof + 7] = 65000 >> 8;
  jpeg[sof + 6] = jpeg[sof + 8] = 65000 & 255;
  PictureDecoder decoder;
  Picture picture;
  for (const Bytes& file : {jpeg, test::png_head(65000, 65000), test::png_head(0x7fffffff, 0x7fffffff)}) {
    const auto decoded = decoder.decode(file, picture);
    REQUIRE(!decoded);
    CHECK(decoded.error().code == Errc::too_large);
    CHECK(!decoded.error().remedy.empty());
    const auto probed = probe(file);
    REQUIRE(!probed);
    CHECK(probed.error().code == Errc::too_large);
  }
  CHECK(what_of(decoder.decode(jpeg, picture)).find("65000×65000") != std::string::npos);
}

TEST_CASE("a picture of more pixels than its bytes can hold is refused before memory is spent on it") {
  Bytes jpeg = test::jpeg_file(16, 16);
  const std::size_t sof = find_sof(jpeg);
  jpeg[sof + 5] = jpeg[sof + 7] = 9000 >> 8;
  jpeg[sof + 6] = jpeg[sof + 8] = 9000 & 255;
  PictureDecoder decoder;
  Picture picture;
  for (const Bytes& file : {jpeg, test::png_head(9000, 9000)}) {
    const auto decoded = decoder.decode(file, picture);
    REQUIRE(!decoded);
    CHECK(decoded.error().code == Errc::invalid);
    CHECK(decoded.error().what.find("cannot hold 9000×9000") != std::string::npos);
    CHECK(picture.width() == 0);
  }
}

TEST_CASE("a JPEG that is cut short anywhere is an error, not half a picture") {
  for (const bool progressive : {false, true}) {
    const Bytes file = test::jpeg_file(64, 48, {.progressive = progressive});
    PictureDecoder decoder;
    Picture picture;
    for (std::size_t size = 0; size + 2 < file.size(); ++size) {
      const auto decoded = decoder.decode(ByteView(file).first(size), picture);
      CAPTURE(size);
      REQUIRE(!decoded);
      REQUIRE(decoded.error().code == Errc::invalid);
      REQUIRE(!decoded.error().remedy.empty());
    }
    CHECK(what_of(decoder.decode(ByteView(file).first(file.size() / 2), picture)).find("remature end") !=
          std::string::npos);
    CHECK(decoder.decode(file, picture));
  }
}

TEST_CASE("a PNG that is cut short anywhere in its data is an error") {
  const Bytes file = test::png_file(32, 24);
  PictureDecoder decoder;
  Picture picture;
  for (std::size_t size = 0; size + 20 < file.size(); ++size) {
    const auto decoded = decoder.decode(ByteView(file).first(size), picture);
    CAPTURE(size);
    REQUIRE(!decoded);
    REQUIRE(decoded.error().code == Errc::invalid);
  }
  CHECK(decoder.decode(file, picture));
}

TEST_CASE("stray bytes that real cameras send do not matter") {
  const Bytes plain = test::jpeg_file(40, 24);
  PictureDecoder decoder;
  Picture expected, picture;
  REQUIRE(decoder.decode(plain, expected));
  Bytes before_end = plain;
  before_end.insert(before_end.end() - 2, 16, 0);
  Bytes after_end = plain;
  after_end.insert(after_end.end(), 500, 0);
  Bytes before_scan = plain;
  before_scan.insert(before_scan.begin() + static_cast<std::ptrdiff_t>(find_sos(plain)), 7, 0x11);
  Bytes odd_version = plain;
  odd_version[11] = 9;  // JFIF 9.x
  for (const Bytes& file : {before_end, after_end, before_scan, odd_version}) {
    const auto decoded = decoder.decode(file, picture);
    REQUIRE_MESSAGE(decoded, what_of(decoded));
    CHECK(std::equal(picture.data(), picture.data() + 40 * 24 * 3, expected.data()));
  }
}

TEST_CASE("damaged picture data is an error with the library's words") {
  Bytes file = test::jpeg_file(64, 64, {.restart_rows = 1});
  const std::size_t from = find_sos(file) + 14;
  for (std::size_t i = from; i < from + 200; ++i) file[i] = 0x5a;
  PictureDecoder decoder;
  Picture picture;
  const auto decoded = decoder.decode(file, picture);
  REQUIRE(!decoded);
  CHECK(decoded.error().code == Errc::invalid);
  CHECK(decoded.error().what.find("orrupt JPEG data") != std::string::npos);
}

TEST_CASE("a progressive JPEG with hundreds of scans is refused, not worked through") {
  Bytes file = test::jpeg_file(64, 64, {.progressive = true});
  const std::size_t sos = find_sos(file);
  Bytes scan(file.begin() + static_cast<std::ptrdiff_t>(sos), file.end() - 2);
  const std::size_t next = [&] {
    for (std::size_t i = 2; i + 1 < scan.size(); ++i)
      if (scan[i] == 0xff && scan[i + 1] == 0xda) return i;
    return scan.size();
  }();
  scan.resize(next);
  Bytes bomb(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(sos));
  for (int i = 0; i < 5000; ++i) bomb.insert(bomb.end(), scan.begin(), scan.end());
  bomb.insert(bomb.end(), {0xff, 0xd9});
  PictureDecoder decoder;
  Picture picture;
  const auto decoded = decoder.decode(bomb, picture);
  REQUIRE(!decoded);
  CHECK(decoded.error().code == Errc::invalid);
  CHECK(decoded.error().what.find("scans") != std::string::npos);
}

TEST_CASE("what is no picture is named for what it is") {
  const auto why = [](std::string_view text) { return what_of(probe(as_bytes(text))); };
  CHECK(why("") == "no JPEG or PNG: empty; check that this leads to a JPEG or PNG picture");
  CHECK(why("<!DOCTYPE html>\n<html>").find("an HTML page: '<!DOCTYPE html>'") != std::string::npos);
  CHECK(why("\n <html><body>").find("an HTML page") != std::string::npos);
  CHECK(why("camera busy\nretry").find("text: 'camera busy'") != std::string::npos);
  CHECK(why("GIF89a....").find("a GIF") != std::string::npos);
  CHECK(why(std::string_view("MM\0*....", 8)).find("TIFF") != std::string::npos);
  CHECK(why(std::string_view("RIFF\0\0\0\0WEBPVP8 ", 16)).find("a WebP picture") != std::string::npos);
  CHECK(why(std::string_view("\0\0\0\x1c"
                             "ftypheic",
                             12))
            .find("HEIC") != std::string::npos);
  CHECK(why(std::string_view("\0\1\2\xff", 4)).find("starts with 00 01 02 ff") != std::string::npos);
  CHECK(why("\xff\xd8").find("cut short after 2 B") != std::string::npos);
  CHECK(why("\x89PN").find("cut short after 3 B") != std::string::npos);
}

TEST_CASE("what is encoded decodes to the same picture: PNG exactly, JPEG nearly") {
  PictureDecoder decoder;
  Picture picture, back;
  REQUIRE(decoder.decode(test::png_file(37, 21), picture));
  for (const int channels : {3, 1}) {
    Picture grey;
    REQUIRE(decoder.decode_luma(test::png_file(37, 21), grey, 37));
    const PictureView view = channels == 3 ? picture.view() : grey.view();
    const auto png = encode_png(view), jpeg = encode_jpeg(view, 95);
    REQUIRE(png);
    REQUIRE(jpeg);
    CHECK(probe(*png)->format == Format::png);
    CHECK(probe(*jpeg)->format == Format::jpeg);
    CHECK(probe(*jpeg)->size == Size{37, 21});
    const auto same = [&](int x, int y) {
      const std::uint8_t* p = view.row(y) + x * channels;
      return channels == 3 ? std::array<int, 3>{p[0], p[1], p[2]} : std::array<int, 3>{p[0], p[0], p[0]};
    };
    REQUIRE(decoder.decode(*png, back));
    CHECK(worst(back, same) == 0);
    REQUIRE(decoder.decode(*jpeg, back));
    CHECK(worst(back, same) < 60);
  }
}

TEST_CASE("part of a picture can be encoded, and an empty one cannot") {
  PictureDecoder decoder;
  Picture picture, back;
  REQUIRE(decoder.decode(test::png_file(37, 21), picture));
  const PictureView part{picture.at(5, 4), 20, 10, 3, picture.stride()};
  const auto png = encode_png(part);
  REQUIRE(png);
  REQUIRE(decoder.decode(*png, back));
  CHECK(back.size() == Size{20, 10});
  CHECK(worst(back, [](int x, int y) { return test::scene_colour(x + 5, y + 4); }) == 0);
  CHECK(encode_png(Picture().view()).error().code == Errc::invalid);
  CHECK(encode_jpeg(Picture().view()).error().code == Errc::invalid);
  CHECK(encode_jpeg({picture.data(), 70'000, 1, 3, 0}).error().code == Errc::too_large);
}

TEST_CASE("a decoder goes on after an error, whatever came before") {
  const Bytes good = test::jpeg_file(40, 24), png = test::png_file(20, 10);
  PictureDecoder decoder;
  Picture picture;
  for (int round = 0; round < 3; ++round) {
    CHECK(!decoder.decode(ByteView(good).first(good.size() / 2), picture));
    CHECK(decoder.decode(good, picture));
    CHECK(!decoder.decode(as_bytes("no"), picture));
    CHECK(decoder.decode(png, picture));
    CHECK(!decoder.decode(ByteView(png).first(60), picture));
    CHECK(decoder.probe(good));
  }
}

}  // namespace perch::image
