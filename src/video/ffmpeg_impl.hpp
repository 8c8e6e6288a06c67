#pragma once
#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

/// Owners for FFmpeg's objects. Only for this folder's .cpp files: FFmpeg stays out of what others include.
namespace perch::video {

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

/// FFmpeg prints nothing from now on: what matters comes back as an error. @thread any
void silence_ffmpeg();

}  // namespace perch::video
