#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "image/orientation.hpp"
#include "image/picture.hpp"

namespace perch::image {

/// No picture may announce more pixels than this; what announces more is refused before anything is allocated.
inline constexpr std::int64_t kMaxPixels = 100'000'000;

enum class Format : std::uint8_t { jpeg, png };

/// What a picture announces about itself.
struct PictureInfo {
  Format format = Format::jpeg;
  Size size;                                       ///< upright
  Orientation orientation = Orientation::upright;  ///< how decoding turns what is stored
};

/// Whether a file is called like a JPEG or PNG.
bool is_picture_name(const std::filesystem::path& file);

/// Reads the head of a JPEG or PNG. Errors: invalid (neither, with what it starts with instead), too_large.
Result<PictureInfo> probe(ByteView bytes);

/// Decodes JPEG and PNG to RGB. Keeps its memory between pictures, so one a worker; not for two threads at once.
///
/// Pictures come out upright: one whose EXIF says that it was taken with the camera on its side is turned, as
/// browsers and other viewers do, and every size, here and in what is made of it, is that of the picture as people see
/// it.
class PictureDecoder {
 public:
  PictureDecoder();
  ~PictureDecoder();
  PictureDecoder(PictureDecoder&&) noexcept;
  PictureDecoder& operator=(PictureDecoder&&) noexcept;

  /// As the function of that name, without making a decoder.
  Result<PictureInfo> probe(ByteView bytes);

  /// Decodes to RGB, 3 channels; grey, palette, alpha (over black) and CMYK are converted.
  ///
  /// With `at_least` a JPEG may be decoded at 1/2, 1/4 or 1/8, the smallest that is no smaller than `at_least` in both
  /// directions; `out.size()` tells. With {0, 0} always the full size. A picture whose data is damaged or cut short is
  /// an error and not half a picture; headers and stray bytes that are merely odd, as cameras send them, are not.
  /// After an error the content of `out` is of no use.
  /// @returns the full size that the picture announces
  ///          Errors: invalid (not a picture, corrupt, or cut short), too_large, unsupported
  Result<Size> decode(ByteView bytes, Picture& out, Size at_least = {0, 0});

  /// Decodes the luma plane alone of a JPEG (grey for a PNG), reduced to the smallest of 1/1 to 1/8 that is no narrower
  /// than `at_least_width`: cheap enough for every frame of every camera. `out` has 1 channel. Errors as above.
  Result<Size> decode_luma(ByteView bytes, Picture& out, int at_least_width);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Encodes RGB or grey as JPEG (4:2:0 for colour). Errors: invalid (empty), too_large, internal.
Result<Bytes> encode_jpeg(PictureView picture, int quality = 85);

/// Encodes RGB or grey as PNG. Errors: invalid (empty), too_large, internal.
Result<Bytes> encode_png(PictureView picture);

}  // namespace perch::image
