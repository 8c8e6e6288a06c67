#pragma once
#include "base/result.hpp"
#include "image/picture.hpp"
#include "video/ffmpeg_impl.hpp"

namespace perch::video {

/// Turns decoded frames into RGB, by the matrix and range that each frame names, or that are usual for its size. Keeps
/// its tables between frames of one kind. One owner.
class RgbConverter {
 public:
  /// Fills `out`, whose memory is reused. Errors, without a place: unsupported, internal.
  Result<void> convert(const AVFrame& from, image::Picture& out);

 private:
  ScalerPtr scaler_;
};

}  // namespace perch::video
