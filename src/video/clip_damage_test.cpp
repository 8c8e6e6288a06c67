// What is wrong with clips: their ends, and frames in their midst.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "support/program.hpp"
#include "video/clip.hpp"
#include "video/made_clip_impl.hpp"

namespace perch::video {

namespace {

namespace fs = std::filesystem;
using test::TempFolder;

void cut(const fs::path& path, std::uintmax_t to_bytes) {
  fs::resize_file(path, to_bytes);
}

/// Overwrites packets of a clip, all but their first bytes.
void damage(const fs::path& path, std::initializer_list<int> packets) {
  AVFormatContext* format = nullptr;
  REQUIRE(avformat_open_input(&format, path.c_str(), nullptr, nullptr) >= 0);
  Bytes bytes = read_file(path).value();
  for (const int packet : packets) {
    const auto* entry = avformat_index_get_entry(format->streams[0], packet);
    const auto begin = bytes.begin() + entry->pos;
    std::fill(begin + 8, begin + entry->size, std::uint8_t{0x55});
  }
  avformat_close_input(&format);
  REQUIRE(write_file(path, bytes));
}

/// Reads a clip to its end: the first frame that did not come, and what ended it.
std::pair<int, Error> read_all(ClipReader& reader) {
  image::Picture picture;
  int missing = 0;
  for (std::int64_t last = -1;;) {
    const auto frame = reader.next(picture);
    if (!frame) return {missing, frame.error()};
    CHECK(frame->index > last);
    CHECK(frame->t_s == doctest::Approx(static_cast<double>(frame->index) * 0.1).epsilon(0.01));
    last = frame->index;
    if (last == missing) ++missing;
  }
}

}  // namespace

TEST_CASE("a clip that ends mid-frame gives the frames that are whole, then says where it ends") {
  const TempFolder folder;
  const auto check = [&](const char* name, ClipKind kind) {
    const std::string file = name;
    CAPTURE(file);
    kind.noisy = true;
    const fs::path path = folder / name;
    write_clip(path, kind);
    const auto whole = fs::file_size(path);
    for (const double share : {0.9, 0.7, 0.5}) {
      CAPTURE(share);
      write_clip(path, kind);
      cut(path, static_cast<std::uintmax_t>(static_cast<double>(whole) * share));
      auto reader = ClipReader::open(path);
      REQUIRE(reader);
      const auto [missing, error] = read_all(*reader);
      CHECK_MESSAGE(missing > 0, error.message());
      CHECK(missing < kind.frames);
      CHECK(error.code == Errc::invalid);
      CHECK_MESSAGE(error.what.find("ends in the middle of frame " + std::to_string(missing)) != std::string::npos,
                    error.message());
      CHECK(!error.remedy.empty());
      image::Picture picture;
      CHECK(reader->next(picture).error().what == error.what);
    }
  };
  check("a.mp4", {});
  check("b.mp4", {.b_frames = 2});
  check("c.avi", {});
  check("d.avi", {.codec = AV_CODEC_ID_MJPEG, .pixels = AV_PIX_FMT_YUVJ420P, .full_range = true});
  check("e.mkv", {});
  check("f.mp4", {.codec = AV_CODEC_ID_H264, .b_frames = 2});
}

TEST_CASE("an MP4 cut between two frames is cut short too") {
  const TempFolder folder;
  const fs::path path = folder / "a.mp4";
  write_clip(path, {});
  AVFormatContext* format = nullptr;
  REQUIRE(avformat_open_input(&format, path.c_str(), nullptr, nullptr) >= 0);
  const auto* entry = avformat_index_get_entry(format->streams[0], 12);
  const auto boundary = static_cast<std::uintmax_t>(entry->pos);
  avformat_close_input(&format);
  cut(path, boundary);
  auto reader = ClipReader::open(path);
  REQUIRE(reader);
  const auto [count, error] = read_all(*reader);
  CHECK(count == 12);
  CHECK(error.code == Errc::invalid);
  CHECK(error.what.find("frame 12 of 20") != std::string::npos);
}

TEST_CASE("frames that are damaged in the middle are left out and counted, and the others keep their places") {
  const TempFolder folder;
  const ClipKind jpegs{.codec = AV_CODEC_ID_MJPEG, .pixels = AV_PIX_FMT_YUVJ420P, .full_range = true, .noisy = true};
  const std::vector<std::pair<const char*, ClipKind>> kinds{
      {"a.avi", jpegs},
      {"b.mp4", {.noisy = true}},
      {"c.mp4", {.codec = AV_CODEC_ID_H264, .b_frames = 2, .noisy = true}}};
  for (const auto& [name, kind] : kinds) {
    CAPTURE(std::string(name));
    const fs::path path = folder / name;
    write_clip(path, kind);
    damage(path, {3, 4, 12, 17});
    auto reader = ClipReader::open(path);
    REQUIRE(reader);
    image::Picture picture;
    std::int64_t count = 0, last = -1;
    for (;; ++count) {
      const auto frame = reader->next(picture);
      if (!frame) {
        CHECK(frame.error().code == Errc::invalid);
        CHECK_MESSAGE(frame.error().what == fmt::format("{} of its frames damaged and left out", kind.frames - count),
                      frame.error().message());
        break;
      }
      CHECK(frame->t_s == doctest::Approx(static_cast<double>(frame->index) * 0.1).epsilon(0.01));
      last = frame->index;
    }
    CHECK(last == kind.frames - 1);
    CHECK(count <= kind.frames - 4);
  }
}

TEST_CASE("a clip of which no frame is whole says so") {
  const TempFolder folder;
  const fs::path path = folder / "a.avi";
  const ClipKind kind{.codec = AV_CODEC_ID_MJPEG, .pixels = AV_PIX_FMT_YUVJ420P, .frames = 3, .full_range = true};
  write_clip(path, kind);
  damage(path, {0, 1, 2});
  auto reader = ClipReader::open(path);
  REQUIRE(reader);
  CHECK(read_all(*reader).second.what == "none of its frames can be decoded");
}

}  // namespace perch::video
