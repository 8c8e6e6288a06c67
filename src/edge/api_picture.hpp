#pragma once
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "seam/frame.hpp"

namespace perch::edge {

inline constexpr int kShownJpegQuality = 85;

/// Whether a frame is a picture, encoded or not, or a thermal grid, which can be drawn as one. @thread any
bool is_picture(const Frame& frame);

/// Whether it takes work to make a picture of a frame: all but what came encoded. @thread any
bool needs_encoding(const Frame& frame);

/// A frame as a picture that browsers show: what came as JPEG or PNG as it came, a decoded picture encoded as JPEG, a
/// thermal grid in false colours (`image::draw_thermal`).
/// Errors: not_found when it is no picture; internal when a library threw; those of `image::encode_jpeg`. @thread any
Result<SharedBytes> picture_bytes(const Frame& frame, int quality = kShownJpegQuality);

/// `image/jpeg`, `image/png`, or `application/octet-stream`, as the bytes begin. @thread any
std::string_view content_type_of(ByteView bytes);

}  // namespace perch::edge
