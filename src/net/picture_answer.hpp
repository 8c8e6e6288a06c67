#pragma once
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/http_message.hpp"

/// What camera sources over HTTP make of an answer that is no picture.
namespace perch::net {

/// No picture that a camera sends is larger than this.
inline constexpr std::size_t kMostPictureBytes = 32'000'000;

/// Whether bytes begin as a JPEG or a PNG does. @thread any
bool looks_like_picture(ByteView bytes);

/// Says what was sent instead of a picture: its type, and its first words or, of a web page, its title. `body` may be
/// only the beginning. Always `Errc::invalid`. @thread any
Error not_a_picture(std::string_view content_type, ByteView body, std::string_view url);

}  // namespace perch::net
