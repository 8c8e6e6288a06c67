#pragma once
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "seam/frame.hpp"

namespace perch::edge {

/// Whether a frame is a picture, encoded or not. @thread any
bool is_picture(const Frame& frame);

/// A frame as a picture that browsers show: what came as JPEG or PNG as it came, a decoded picture encoded as JPEG.
/// Errors: not_found when it is no picture; those of `image::encode_jpeg`. @thread any
Result<SharedBytes> picture_bytes(const Frame& frame);

/// `image/jpeg`, `image/png`, or `application/octet-stream`, as the bytes begin. @thread any
std::string_view content_type_of(ByteView bytes);

}  // namespace perch::edge
