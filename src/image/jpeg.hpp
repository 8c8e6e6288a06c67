#pragma once
#include <memory>

#include "base/result.hpp"
#include "image/codec.hpp"
#include "image/picture.hpp"

namespace perch::image {

/// A JPEG decompressor that is made once and used for many pictures. Internal to the codec; not for two threads at
/// once.
///
/// Speaks to libjpeg itself rather than through TurboJPEG, because only there can each warning be judged by its kind (a
/// picture that is cut short is refused, stray bytes of a camera are not), scans be bounded, and inverted CMYK be seen.
class JpegReader {
 public:
  enum class Wanted : std::uint8_t { rgb, luma };

  JpegReader();
  ~JpegReader();
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  /// Reads the head. Errors: as the function of that name.
  Result<PictureInfo> probe(ByteView bytes);

  /// Decodes at 1/1 to 1/8, the smallest that is no smaller than `at_least` (0: any size will do in that direction;
  /// {0, 0}: the full size), upright. Returns the full size. Errors: as `PictureDecoder::decode`.
  Result<Size> read(ByteView bytes, Wanted wanted, Size at_least, Picture& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 1, 2, 4 or 8: the most that a picture of size `full` can be divided by (rounding up) and be no smaller than
/// `at_least`.
int reduction(Size full, Size at_least);

}  // namespace perch::image
