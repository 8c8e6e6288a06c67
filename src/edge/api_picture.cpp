#include "edge/api_picture.hpp"

#include <exception>

#include "base/thrown.hpp"
#include "image/codec.hpp"
#include "image/thermal_picture.hpp"

namespace perch::edge {

bool is_picture(const Frame& frame) {
  return std::holds_alternative<Jpeg>(frame.payload) || needs_encoding(frame);
}

bool needs_encoding(const Frame& frame) {
  return std::holds_alternative<image::Picture>(frame.payload) || std::holds_alternative<ThermalGrid>(frame.payload);
}

namespace {

Result<SharedBytes> encoded(const Frame& frame, int quality) {
  if (const auto* jpeg = std::get_if<Jpeg>(&frame.payload)) return jpeg->bytes;
  image::Picture drawn;
  const auto* picture = std::get_if<image::Picture>(&frame.payload);
  if (const auto* grid = std::get_if<ThermalGrid>(&frame.payload); grid != nullptr && grid->is_whole()) {
    image::draw_thermal(grid->celsius, grid->rows, grid->cols, image::thermal_scale(grid->celsius), drawn);
    picture = &drawn;
  }
  if (picture == nullptr)
    return fail(Errc::not_found, "what this camera gives are no pictures", frame.camera.value,
                "its observations are at /api/cameras/" + frame.camera.value);
  PERCH_TRY(Bytes jpeg, image::encode_jpeg(picture->view(), quality));
  return SharedBytes(std::move(jpeg));
}

}  // namespace

Result<SharedBytes> picture_bytes(const Frame& frame, int quality) {
  try {
    return encoded(frame, quality);
  } catch (const std::exception& thrown) {
    return fail(thrown_error(thrown).at(frame.camera.value));
  }
}

std::string_view content_type_of(ByteView bytes) {
  const auto begins_with = [bytes](std::string_view magic) { return as_text(bytes).starts_with(magic); };
  if (begins_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (begins_with("\x89PNG\r\n")) return "image/png";
  return "application/octet-stream";
}

}  // namespace perch::edge
