#pragma once
#include "base/result.hpp"
#include "image/picture.hpp"
#include "video/ffmpeg_impl.hpp"

namespace perch::video {

/// How large a stored size is shown with pixels of that shape (width to height): the axis whose pixels are longer
/// grows, so that nothing is lost. Shapes that no recorder makes, 0 among them, are taken for squares.
image::Size shown_size(image::Size stored, AVRational pixel);

/// Turns decoded frames into RGB, by the matrix and range that each frame names, or that are usual for its size, and
/// into square pixels, as people see them and models have learned. Keeps its tables between frames of one kind. One
/// owner.
class RgbConverter {
 public:
  /// Fills `out`, whose memory is reused. Errors, without a place: unsupported, internal.
  Result<void> convert(const AVFrame& from, image::Picture& out);

 private:
  ScalerPtr scaler_;
};

}  // namespace perch::video
