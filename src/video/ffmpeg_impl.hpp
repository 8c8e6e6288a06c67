#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libswscale/swscale.h>
}

/// FFmpeg, opened when the first clip or stream is, and owners for its objects. Only for this folder's .cpp files:
/// FFmpeg stays out of what others include.
namespace perch::video {

/// FFmpeg's functions that are called in this folder, by library. They are pointers of the same names, which hide the
/// functions themselves: programs are not linked with FFmpeg, as it brings more than a hundred other libraries, and
/// starting with them all would take longer than most commands do and 25 MB.
#define PERCH_FFMPEG_FUNCTIONS(X)               \
  X(avutil, av_dict_free)                       \
  X(avutil, av_dict_set)                        \
  X(avutil, av_display_matrix_flip)             \
  X(avutil, av_display_rotation_set)            \
  X(avutil, av_frame_alloc)                     \
  X(avutil, av_frame_free)                      \
  X(avutil, av_frame_get_buffer)                \
  X(avutil, av_log_set_level)                   \
  X(avutil, av_strerror)                        \
  X(avcodec, av_new_packet)                     \
  X(avcodec, av_packet_alloc)                   \
  X(avcodec, av_packet_free)                    \
  X(avcodec, av_packet_rescale_ts)              \
  X(avcodec, av_packet_unref)                   \
  X(avcodec, avcodec_alloc_context3)            \
  X(avcodec, avcodec_descriptor_get)            \
  X(avcodec, avcodec_find_decoder)              \
  X(avcodec, avcodec_find_encoder)              \
  X(avcodec, avcodec_free_context)              \
  X(avcodec, avcodec_get_name)                  \
  X(avcodec, avcodec_open2)                     \
  X(avcodec, avcodec_parameters_from_context)   \
  X(avcodec, avcodec_parameters_to_context)     \
  X(avcodec, avcodec_receive_frame)             \
  X(avcodec, avcodec_receive_packet)            \
  X(avcodec, avcodec_send_frame)                \
  X(avcodec, avcodec_send_packet)               \
  X(avformat, av_find_best_stream)              \
  X(avformat, av_find_input_format)             \
  X(avformat, av_guess_sample_aspect_ratio)     \
  X(avformat, av_interleaved_write_frame)       \
  X(avformat, av_read_frame)                    \
  X(avformat, av_stream_get_side_data)          \
  X(avformat, av_stream_new_side_data)          \
  X(avformat, av_write_frame)                   \
  X(avformat, av_write_trailer)                 \
  X(avformat, avformat_alloc_context)           \
  X(avformat, avformat_alloc_output_context2)   \
  X(avformat, avformat_close_input)             \
  X(avformat, avformat_find_stream_info)        \
  X(avformat, avformat_free_context)            \
  X(avformat, avformat_index_get_entries_count) \
  X(avformat, avformat_index_get_entry)         \
  X(avformat, avformat_new_stream)              \
  X(avformat, avformat_open_input)              \
  X(avformat, avformat_write_header)            \
  X(avformat, avio_closep)                      \
  X(avformat, avio_open)                        \
  X(swscale, sws_freeContext)                   \
  X(swscale, sws_getCachedContext)              \
  X(swscale, sws_getCoefficients)               \
  X(swscale, sws_getContext)                    \
  X(swscale, sws_scale)                         \
  X(swscale, sws_setColorspaceDetails)

#define PERCH_DECLARE(library, function) extern decltype(&::function) function;  // NOLINT(bugprone-macro-parentheses)
PERCH_FFMPEG_FUNCTIONS(PERCH_DECLARE)  // NOLINT(readability-identifier-naming): the names are FFmpeg's
#undef PERCH_DECLARE

/// Opens FFmpeg, once for the process, and keeps it from printing: what matters comes back as an error. Before the
/// first call of any of its functions. It is never closed. Errors, without a place: not_found (a library, with the
/// loader's reason), unsupported (one that lacks a function). A failure is remembered.
/// @thread any, blocks the first time
Result<void> open_ffmpeg();

/// Opens a library of FFmpeg, like "avutil" in version 57. Errors: not_found, with the loader's reason.
Result<void*> open_library(std::string_view name, int version);

struct FreeFfmpeg {
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }

  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }

  void operator()(AVFrame* frame) const { av_frame_free(&frame); }

  void operator()(AVPacket* packet) const { av_packet_free(&packet); }

  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};

using FormatPtr = std::unique_ptr<AVFormatContext, FreeFfmpeg>;
using CodecPtr = std::unique_ptr<AVCodecContext, FreeFfmpeg>;
using FramePtr = std::unique_ptr<AVFrame, FreeFfmpeg>;
using PacketPtr = std::unique_ptr<AVPacket, FreeFfmpeg>;
using ScalerPtr = std::unique_ptr<SwsContext, FreeFfmpeg>;

/// What FFmpeg says about an error code.
std::string words_of(int code);

}  // namespace perch::video
