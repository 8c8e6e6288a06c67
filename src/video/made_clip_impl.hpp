#pragma once
#include <array>
#include <cstring>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>

#include "image/picture.hpp"
#include "video/ffmpeg_impl.hpp"

/// Clips for this folder's tests, of every kind that FFmpeg writes. `tests/support/clip_files.hpp` has simple ones for
/// all.
namespace perch::video {

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
  AVRational pixel{1, 1};                                        ///< their shape, width to height
  bool noisy = false;                                            ///< pictures that take bytes
  std::array<std::int32_t, 9> shown{1, 0, 0, 0, 1, 0, 0, 0, 1};  ///< how it is turned, as libavutil/display.h has it
};

/// The picture of frame i: a field of one colour with a darker stripe that moves a column a frame.
inline Colour colour_at(int frame, int x, Colour field) {
  if ((x / 8) % 12 == frame % 12) return {field[0] / 2, field[1] / 2, field[2] / 2};
  return field;
}

/// Writes a clip with FFmpeg; the container follows from the extension, an MP4 has its index at the front.
inline void write_clip(const std::filesystem::path& path, const ClipKind& kind, Colour field = {200, 60, 40}) {
  REQUIRE(open_ffmpeg());
  AVFormatContext* format = nullptr;
  REQUIRE(avformat_alloc_output_context2(&format, nullptr, nullptr, path.c_str()) >= 0);
  const AVCodec* encoder = avcodec_find_encoder(kind.codec);
  REQUIRE(encoder != nullptr);
  const CodecPtr codec(avcodec_alloc_context3(encoder));
  codec->width = kind.width;
  codec->height = kind.height;
  codec->sample_aspect_ratio = kind.pixel;
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
  stream->sample_aspect_ratio = kind.pixel;
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
    frame->sample_aspect_ratio = kind.pixel;
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

}  // namespace perch::video
