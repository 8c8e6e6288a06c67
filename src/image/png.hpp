#pragma once
#include "base/result.hpp"
#include "image/codec.hpp"
#include "image/picture.hpp"

namespace perch::image {

/// Reads the head of a PNG. Internal to the codec. Errors: as `probe`.
Result<Size> png_size(ByteView bytes);

/// Decodes a PNG of any kind to RGB, what is transparent over black. `scratch` keeps its memory between pictures.
/// Errors: as `PictureDecoder::decode`.
Result<Size> read_png(ByteView bytes, Picture& out, Bytes& scratch);

}  // namespace perch::image
