#include "video/clip.hpp"

#include <cstdlib>
#include <cstring>
#include <random>

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "image/orientation.hpp"
#include "video/ffmpeg_impl.hpp"

extern "C" {
#include <libavutil/display.h>
}

namespace perch::video {

namespace {

namespace fs = std::filesystem;

/// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder() : path_(fs::temp_directory_path() / ("perch_clip_test_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }

  ~TempFolder() { fs::remove_all(path_); }

  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

using Colour = std::array<int, 3>;

/// How a test's clip is made.
struct ClipKind {
  AVCodecID codec = AV_CODEC_ID_MPEG4;
  AVPixelFormat pixels = AV_PIX_FMT_YUV420P;
  int width = 96, height = 64, frames = 20, frames_per_s = 10;
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;  ///< what the stream says
  int made_with = SWS_CS_ITU601;                ///< what its colours are made with
  bool full_range = false;
  int b_frames = 0;
  bool noisy = false;                                            ///< pictures that take bytes
  std::array<std::int32_t, 9> shown{1, 0, 0, 0, 1, 0, 0, 0, 1};  ///< how it is turned, as libavutil/display.h has it
};

/// The picture of frame i: a field of one colour with a darker stripe that moves a column a frame.
Colour colour_at(int frame, int x, Colour field) {
  if ((x / 8) % 12 == frame % 12) return {field[0] / 2, field[1] / 2, field[2] / 2};
  return field;
}

/// Writes a clip with FFmpeg; the container follows from the extension, an MP4 has its index at the front.
void write_clip(const fs::path& path, const ClipKind& kind, Colour field = {200, 60, 40}) {
  AVFormatContext* format = nullptr;
  REQUIRE(avformat_alloc_output_context2(&format, nullptr, nullptr, path.c_str()) >= 0);
  const AVCodec* encoder = avcodec_find_encoder(kind.codec);
  REQUIRE(encoder != nullptr);
  const CodecPtr codec(avcodec_alloc_context3(encoder));
  codec->width = kind.width;
  codec->height = kind.height;
  codec->pix_fmt = kind.pixels;
  codec->time_base = {1, kind.frames_per_s};
  codec->framerate = {kind.frames_per_s, 1};
  codec->bit_rate = 4'000'000;
  codec->gop_size = 10;
  codec->max_b_frames = kind.b_frames;
  codec->colorspace = kind.matrix;
  codec->color_range = kind.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  codec->qmin = 1, codec->qmax = 3;
  if ((format->oformat->flags & AVFMT_GLOBALHEADER) != 0) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  REQUIRE(avcodec_open2(codec.get(), encoder, nullptr) >= 0);
  AVStream* stream = avformat_new_stream(format, nullptr);
  stream->time_base = codec->time_base;
  stream->avg_frame_rate = codec->framerate;
  avcodec_parameters_from_context(stream->codecpar, codec.get());
  if (kind.shown != ClipKind{}.shown) {
    std::uint8_t* const matrix = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, sizeof kind.shown);
    std::memcpy(matrix, kind.shown.data(), sizeof kind.shown);
  }
  REQUIRE(avio_open(&format->pb, path.c_str(), AVIO_FLAG_WRITE) >= 0);
  AVDictionary* options = nullptr;
  av_dict_set(&options, "movflags", "+faststart+write_colr", 0);
  REQUIRE(avformat_write_header(format, &options) >= 0);
  av_dict_free(&options);
  const ScalerPtr scaler(sws_getContext(kind.width, kind.height, AV_PIX_FMT_RGB24, kind.width, kind.height, kind.pixels,
                                        SWS_BILINEAR | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  const int* const matrix = sws_getCoefficients(kind.made_with);
  sws_setColorspaceDetails(scaler.get(), matrix, 1, matrix, kind.full_range ? 1 : 0, 0, 1 << 16, 1 << 16);
  const PacketPtr packet(av_packet_alloc());
  const auto drain = [&] {
    while (avcodec_receive_packet(codec.get(), packet.get()) == 0) {
      av_packet_rescale_ts(packet.get(), codec->time_base, stream->time_base);
      packet->stream_index = 0;
      REQUIRE(av_interleaved_write_frame(format, packet.get()) >= 0);
    }
  };
  std::minstd_rand random(5);
  for (int i = 0; i < kind.frames; ++i) {
    const FramePtr frame(av_frame_alloc());
    frame->format = kind.pixels;
    frame->width = kind.width;
    frame->height = kind.height;
    frame->color_range = codec->color_range;
    frame->colorspace = kind.matrix;
    frame->pts = i;
    REQUIRE(av_frame_get_buffer(frame.get(), 0) >= 0);
    image::Picture rgb(kind.width, kind.height);
    for (int y = 0; y < kind.height; ++y)
      for (int x = 0; x < kind.width; ++x)
        for (std::size_t c = 0; c < 3; ++c) rgb.at(x, y)[c] = static_cast<std::uint8_t>(colour_at(i, x, field)[c]);
    for (int at = 0; kind.noisy && at < kind.width * kind.height * 3; ++at)
      rgb.data()[at] = static_cast<std::uint8_t>(random() >> 24);
    const std::uint8_t* planes[] = {rgb.data(), nullptr, nullptr, nullptr};
    const int strides[] = {static_cast<int>(rgb.stride()), 0, 0, 0};
    sws_scale(scaler.get(), planes, strides, 0, kind.height, frame->data, frame->linesize);
    REQUIRE(avcodec_send_frame(codec.get(), frame.get()) >= 0);
    drain();
  }
  avcodec_send_frame(codec.get(), nullptr);
  drain();
  REQUIRE(av_write_trailer(format) >= 0);
  avio_closep(&format->pb);
  avformat_free_context(format);
}

/// The largest difference of any channel from what the frame was made to show, away from the stripe's edges.
int worst(const image::Picture& picture, std::int64_t frame, Colour field) {
  int most = 0;
  for (int y = 4; y < picture.height(); y += 8)
    for (int x = 4; x < picture.width(); x += 8)
      for (std::size_t c = 0; c < 3; ++c)
        most = std::max(most, std::abs(picture.at(x, y)[c] - colour_at(static_cast<int>(frame), x, field)[c]));
  return most;
}

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
  cut(folder / "a.mp4", 200);
  CHECK(open_error(folder / "a.mp4").code == Errc::invalid);
}

TEST_CASE("clips are told by their extension, in any case") {
  for (const char* name : {"a.mp4", "b.MP4", "dir.x/c.Mkv", "d.avi", "e.mov", "f.webm", "g.m4v", "h.mpg", "i.mpeg",
                           "j.ts", "k.mjpeg", "l.gif", "m.h264", "n.HEVC"})
    CHECK(looks_like_clip(name));
  for (const char* name : {"a.jpg", "b.png", "mp4", ".mp4", "c.mp4.txt", "", "d."}) CHECK(!looks_like_clip(name));
}

}  // namespace perch::video
