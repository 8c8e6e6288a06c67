#include "video/clip.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "image/codec.hpp"
#include "image/orientation.hpp"
#include "support/program.hpp"
#include "video/made_clip_impl.hpp"

extern "C" {
#include <libavutil/display.h>
}

namespace perch::video {

namespace {

namespace fs = std::filesystem;
using test::TempFolder;

/// The largest difference of any channel from what the frame was made to show, away from the stripe's edges.
int worst(const image::Picture& picture, std::int64_t frame, Colour field) {
  int most = 0;
  for (int y = 4; y < picture.height(); y += 8)
    for (int x = 4; x < picture.width(); x += 8)
      for (std::size_t c = 0; c < 3; ++c)
        most = std::max(most, std::abs(picture.at(x, y)[c] - colour_at(static_cast<int>(frame), x, field)[c]));
  return most;
}

}  // namespace

TEST_CASE("a clip gives its frames in order, with their times, sizes and pictures") {
  const TempFolder folder;
  const auto check = [&](const char* name, const ClipKind& kind) {
    const std::string file = name;
    CAPTURE(file);
    const fs::path path = folder / name;
    write_clip(path, kind);
    auto reader = ClipReader::open(path);
    REQUIRE(reader);
    CHECK(reader->info().size == image::Size{96, 64});
    CHECK(reader->info().frames_per_s == doctest::Approx(10).epsilon(0.01));
    image::Picture picture;
    for (int i = 0; i < kind.frames; ++i) {
      const auto frame = reader->next(picture);
      REQUIRE(frame);
      CHECK(frame->index == i);
      CHECK(frame->t_s == doctest::Approx(i * 0.1).epsilon(0.01));
      CHECK(picture.size() == image::Size{96, 64});
      CHECK(worst(picture, i, {200, 60, 40}) <= 12);
    }
    for (int again = 0; again < 2; ++again) CHECK(reader->next(picture).error().code == Errc::eof);
  };
  check("a.mp4", {});
  check("b.mp4", {.b_frames = 2});
  check("c.avi", {});
  check("d.mkv", {});
  check("e.avi", {.codec = AV_CODEC_ID_MJPEG, .pixels = AV_PIX_FMT_YUVJ420P, .full_range = true});
  check("f.ts", {.codec = AV_CODEC_ID_MPEG4});
}

TEST_CASE("an MP4 tells how many frames it has and how long it lasts") {
  const TempFolder folder;
  write_clip(folder / "a.mp4", {});
  const auto reader = ClipReader::open(folder / "a.mp4");
  REQUIRE(reader);
  CHECK(reader->info().count == 20);
  CHECK(reader->info().duration_s.value_or(0) == doctest::Approx(2));
  CHECK(reader->info().codec == "mpeg4");
}

TEST_CASE("red stays red, whatever matrix and range a stream was made with") {
  const TempFolder folder;
  const auto off = [&](const ClipKind& kind, Colour field) {
    const fs::path path = folder / "colour.mp4";
    write_clip(path, kind, field);
    auto reader = ClipReader::open(path);
    REQUIRE(reader);
    image::Picture picture;
    REQUIRE(reader->next(picture));
    return worst(picture, 0, field);
  };
  for (const Colour field : {Colour{220, 20, 20}, Colour{20, 200, 30}, Colour{30, 40, 210}, Colour{120, 120, 120}}) {
    CAPTURE(field[0]);
    CHECK(off({.matrix = AVCOL_SPC_SMPTE170M}, field) <= 10);
    CHECK(off({.matrix = AVCOL_SPC_BT709, .made_with = SWS_CS_ITU709}, field) <= 10);
    CHECK(off({}, field) <= 10);
    CHECK(off({.width = 1280, .height = 720, .frames = 1, .made_with = SWS_CS_ITU709}, field) <= 10);
    CHECK(off({.codec = AV_CODEC_ID_MJPEG, .pixels = AV_PIX_FMT_YUVJ420P, .full_range = true}, field) <= 10);
  }
  // The wrong matrix would be seen.
  CHECK(off({.matrix = AVCOL_SPC_BT709, .made_with = SWS_CS_ITU601}, {20, 200, 30}) > 12);
}

TEST_CASE("a clip that was taken with the camera on its side comes out upright") {
  const TempFolder folder;
  const auto first_of = [](const fs::path& path, image::Picture& picture) {
    auto reader = ClipReader::open(path);
    REQUIRE(reader);
    REQUIRE(reader->next(picture));
    CHECK(picture.size() == reader->info().size);
  };
  ClipKind kind{.width = 96, .height = 64, .frames = 2};
  image::Picture stored, seen, expected;
  write_clip(folder / "a.mp4", kind);
  first_of(folder / "a.mp4", stored);
  for (const bool mirrored : {false, true})
    for (const int clockwise : {0, 90, 180, 270}) {
      CAPTURE(mirrored);
      CAPTURE(clockwise);
      kind.shown = {};
      av_display_rotation_set(kind.shown.data(), clockwise);
      av_display_matrix_flip(kind.shown.data(), mirrored ? 1 : 0, 0);
      const fs::path path = folder / (std::to_string(clockwise) + (mirrored ? "m.mp4" : ".mp4")).c_str();
      write_clip(path, kind);
      first_of(path, seen);
      constexpr std::array<std::array<int, 4>, 2> kNumbers{{{1, 6, 3, 8}, {2, 5, 4, 7}}};  // EXIF's
      const int number = kNumbers[mirrored ? 1 : 0][static_cast<std::size_t>(clockwise / 90)];
      turn_upright(stored, static_cast<image::Orientation>(number), expected);
      REQUIRE(seen.size() == expected.size());
      CHECK(std::equal(seen.data(), seen.data() + seen.stride() * seen.height(), expected.data()));
    }
  kind.shown = {};
  av_display_rotation_set(kind.shown.data(), 30);
  write_clip(folder / "oblique.mp4", kind);
  first_of(folder / "oblique.mp4", seen);
  CHECK(seen.size() == stored.size());
}

TEST_CASE("pixels that are not square are made so, as people see them") {
  const TempFolder folder;
  const auto check = [&](const char* name, AVRational pixel, image::Size shown) {
    const std::string file = name;
    CAPTURE(file);
    write_clip(folder / name, {.pixel = pixel});
    auto reader = ClipReader::open(folder / name);
    REQUIRE(reader);
    CHECK(reader->info().size == shown);
    image::Picture picture;
    REQUIRE(reader->next(picture));
    CHECK(picture.size() == shown);
    const std::uint8_t* middle = picture.at(shown.width / 2, shown.height / 2);
    CHECK(std::abs(middle[0] - 200) <= 12);
  };
  check("wide.mp4", {2, 1}, {192, 64});
  check("pal.mkv", {16, 15}, {102, 64});
  check("high.avi", {1, 2}, {96, 128});
  check("odd.mp4", {50, 1}, {96, 64});  // a shape that no recorder makes
}

TEST_CASE("recordings put one behind the other are one clip whose time goes on") {
  const TempFolder folder;
  const ClipKind kind{.codec = AV_CODEC_ID_MPEG2VIDEO, .frames = 20};
  std::string joined;
  for (const char* name : {"a.ts", "b.ts", "c.ts"}) {
    write_clip(folder / name, kind);
    joined += as_text(read_file(folder / name).value());
  }
  test::write_test_file(folder / "joined.ts", joined);
  auto reader = ClipReader::open(folder / "joined.ts");
  REQUIRE(reader);
  image::Picture picture;
  std::int64_t frames = 0;
  Result<ClipFrame> frame = reader->next(picture);
  for (; frame; frame = reader->next(picture), ++frames) {
    CHECK(frame->index == frames);
    CHECK(frame->t_s == doctest::Approx(static_cast<double>(frames) * 0.1).epsilon(0.05));
  }
  CHECK(frame.error().code == Errc::eof);
  CHECK(frames == 60);
}

TEST_CASE("bare JPEGs one behind the other are a clip, and so is a camera's stream of them as it was sent") {
  const TempFolder folder;
  std::string bare, sent;
  for (int i = 0; i < 3; ++i) {
    const Bytes jpeg = image::encode_jpeg(image::Picture(48, 32).view()).value();
    bare += as_text(jpeg);
    sent += "--part\r\nContent-Type: image/jpeg\r\nContent-Length: " + std::to_string(jpeg.size()) + "\r\n\r\n" +
            std::string(as_text(jpeg)) + "\r\n";
  }
  test::write_test_file(folder / "bare.mjpeg", bare);
  test::write_test_file(folder / "sent.MJPG", sent);
  for (const char* name : {"bare.mjpeg", "sent.MJPG"}) {
    CAPTURE(std::string(name));
    auto reader = ClipReader::open(folder / name);
    REQUIRE(reader);
    image::Picture picture;
    for (int i = 0; i < 3; ++i) REQUIRE(reader->next(picture));
    CHECK(picture.size() == image::Size{48, 32});
    CHECK(reader->next(picture).error().code == Errc::eof);
  }
}

TEST_CASE("reading stops when it is told to") {
  const TempFolder folder;
  write_clip(folder / "a.mp4", {});
  auto reader = ClipReader::open(folder / "a.mp4");
  REQUIRE(reader);
  image::Picture picture;
  std::atomic<bool> stop = false;
  CHECK(reader->next(picture, 0, &stop));
  stop = true;
  CHECK(reader->next(picture, 1, &stop).error().code == Errc::canceled);
}

TEST_CASE("a clip is thinned by time without converting what lies between") {
  const TempFolder folder;
  write_clip(folder / "a.mp4", {.b_frames = 2});
  auto reader = ClipReader::open(folder / "a.mp4");
  REQUIRE(reader);
  image::Picture picture;
  for (const int want : {0, 5, 10, 15}) {
    const auto frame = reader->next(picture, want * 0.1 - 0.001);
    REQUIRE(frame);
    CHECK(frame->index == want);
    CHECK(frame->t_s == doctest::Approx(want * 0.1).epsilon(0.01));
    CHECK(worst(picture, want, {200, 60, 40}) <= 12);
  }
  CHECK(reader->next(picture, 1000).error().code == Errc::eof);
}

TEST_CASE("what is no clip is refused with a reason") {
  const TempFolder folder;
  const auto open_error = [&](const fs::path& path) {
    const auto reader = ClipReader::open(path);
    REQUIRE(!reader);
    CHECK(reader.error().where == path.string());
    CHECK(!reader.error().what.empty());
    return reader.error();
  };
  const auto file = [&](const char* name, std::string_view content) {
    REQUIRE(write_file(folder / name, as_bytes(content)));
    return folder / name;
  };
  CHECK(open_error(folder / "absent.mp4").code == Errc::not_found);
  CHECK(open_error(folder / "").code == Errc::invalid);
  CHECK(open_error(file("empty.mp4", "")).what.find("empty") != std::string::npos);
  CHECK(open_error(file("page.mp4", "<!doctype html><html><body>404 not found</body></html>")).code == Errc::invalid);
  CHECK(open_error(file("list.mp4", "#EXTM3U\n#EXTINF:9,\nhttp://192.0.2.1/a.ts\n")).code == Errc::invalid);
  CHECK(open_error("http://192.0.2.1/clip.mp4").code == Errc::not_found);
  write_clip(folder / "a.mp4", {});
  fs::resize_file(folder / "a.mp4", 200);
  CHECK(open_error(folder / "a.mp4").code == Errc::invalid);
}

TEST_CASE("clips are told by their extension, in any case") {
  for (const char* name : {"a.mp4", "b.MP4", "dir.x/c.Mkv", "d.avi", "e.mov", "f.webm", "g.m4v", "h.mpg", "i.mpeg",
                           "j.ts", "k.mjpeg", "l.gif", "m.h264", "n.HEVC"})
    CHECK(looks_like_clip(name));
  for (const char* name : {"a.jpg", "b.png", "mp4", ".mp4", "c.mp4.txt", "", "d."}) CHECK(!looks_like_clip(name));
}

}  // namespace perch::video
