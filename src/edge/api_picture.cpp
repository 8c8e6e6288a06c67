#include "edge/api_picture.hpp"

#include "image/codec.hpp"

namespace perch::edge {

bool is_picture(const Frame& frame) {
  return std::holds_alternative<Jpeg>(frame.payload) || std::holds_alternative<image::Picture>(frame.payload);
}

Result<SharedBytes> picture_bytes(const Frame& frame) {
  if (const auto* jpeg = std::get_if<Jpeg>(&frame.payload)) return jpeg->bytes;
  const auto* picture = std::get_if<image::Picture>(&frame.payload);
  if (picture == nullptr)
    return fail(Errc::not_found, "what this camera gives are no pictures", frame.camera.value,
                "its observations are at /api/cameras/" + frame.camera.value);
  PERCH_TRY(Bytes encoded, image::encode_jpeg(picture->view()));
  return SharedBytes(std::move(encoded));
}

std::string_view content_type_of(ByteView bytes) {
  const auto begins_with = [bytes](std::string_view magic) { return as_text(bytes).starts_with(magic); };
  if (begins_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (begins_with("\x89PNG\r\n")) return "image/png";
  return "application/octet-stream";
}

}  // namespace perch::edge
