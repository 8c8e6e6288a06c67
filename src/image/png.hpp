#pragma once
#include "base/result.hpp"
#include "image/codec.hpp"
#include "image/picture.hpp"

namespace perch::image {

/// Reads PNGs of any kind. Internal to the codec; keeps its memory between pictures. @thread one at a time
class PngReader {
 public:
  /// Errors: as `probe`.
  static Result<PictureInfo> probe(ByteView bytes);

  /// Decodes to RGB, upright, what is transparent over black. Errors: as `PictureDecoder::decode`.
  Result<Size> read(ByteView bytes, Picture& out);

 private:
  Bytes rgba_;
  Picture stored_;  ///< that has to be turned
};

}  // namespace perch::image
