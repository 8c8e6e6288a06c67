#include <algorithm>
#include <array>
#include <cmath>

#include "image/codec.hpp"
#include "video/convert_impl.hpp"

namespace perch::video {

namespace {

/// Pictures with the frame numbers that are wide or high enough to be HD are BT.709 when the stream does not say.
constexpr int kHdWidth = 1280, kHdHeight = 720;

/// The matrix that a frame's colours were made with.
int matrix_of(const AVFrame& frame) {
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
      return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
      return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
      return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return SWS_CS_BT2020;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return SWS_CS_ITU601;
    default:
      return frame.width >= kHdWidth || frame.height >= kHdHeight ? SWS_CS_ITU709 : SWS_CS_ITU601;
  }
}

bool is_full_range(const AVFrame& frame) {
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return true;
    default:
      return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

}  // namespace

image::Size shown_size(image::Size stored, AVRational pixel) {
  constexpr double kMostStretched = 4;
  const double shape = pixel.num > 0 && pixel.den > 0 ? av_q2d(pixel) : 1;
  if (shape > kMostStretched || shape < 1 / kMostStretched) return stored;
  const image::Size shown{static_cast<int>(std::lround(stored.width * std::max(1.0, shape))),
                          static_cast<int>(std::lround(stored.height * std::max(1.0, 1 / shape)))};
  return std::int64_t{shown.width} * shown.height <= image::kMaxPixels ? shown : stored;
}

Result<void> RgbConverter::convert(const AVFrame& from, image::Picture& out) {
  const image::Size shown = shown_size({from.width, from.height}, from.sample_aspect_ratio);
  const auto format_in = static_cast<AVPixelFormat>(from.format);
  scaler_.reset(sws_getCachedContext(scaler_.release(), from.width, from.height, format_in, shown.width, shown.height,
                                     AV_PIX_FMT_RGB24, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr,
                                     nullptr, nullptr));
  if (!scaler_) return fail(Errc::unsupported, "its colours cannot be converted to RGB");
  sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(matrix_of(from)), is_full_range(from) ? 1 : 0,
                           sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
  out.reset(shown.width, shown.height, 3);
  const std::array<std::uint8_t*, 4> planes{out.data(), nullptr, nullptr, nullptr};
  const std::array<int, 4> strides{static_cast<int>(out.stride()), 0, 0, 0};
  if (sws_scale(scaler_.get(), from.data, from.linesize, 0, from.height, planes.data(), strides.data()) != shown.height)
    return fail(Errc::internal, "its colours could not be converted to RGB");
  return {};
}

}  // namespace perch::video
