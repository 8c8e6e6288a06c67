#include "image/png.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <spng.h>

#include "base/text.hpp"
#include "image/orientation.hpp"

namespace perch::image {

namespace {

/// Colour profiles and text of a PNG may take this much, and all of them together twice that.
constexpr std::size_t kMaxChunkBytes = 4U << 20;

/// Deflate makes at most 1032 bytes of one.
constexpr std::int64_t kMaxInflation = 1032;

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

using Context = std::unique_ptr<spng_ctx, FreeContext>;

tl::unexpected<Error> failure(int code) {
  const std::string words = spng_strerror(code);
  if (code == SPNG_EMEM) return fail(Errc::full, "no memory left to decode a PNG");
  if (code == SPNG_EUSER_WIDTH || code == SPNG_EUSER_HEIGHT || code == SPNG_EOVERFLOW)
    return fail(Errc::too_large, "a PNG too large to decode: " + words, {}, "send a smaller picture");
  return fail(Errc::invalid, "damaged PNG: " + (code == SPNG_IO_EOF ? "it is cut short" : words), {},
              "fetch it again; if it stays so, its file or camera is broken");
}

/// A context that has read the head of a picture within the limits.
Result<Context> open(ByteView bytes, spng_ihdr& head) {
  Context context(spng_ctx_new(0));
  if (!context) return failure(SPNG_EMEM);
  int code = spng_set_chunk_limits(context.get(), kMaxChunkBytes, 2 * kMaxChunkBytes);
  if (code == 0) code = spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD);
  if (code == 0) code = spng_set_png_buffer(context.get(), bytes.data(), bytes.size());
  if (code == 0) code = spng_get_ihdr(context.get(), &head);
  if (code != 0) return failure(code);
  if (std::int64_t{head.width} * head.height > kMaxPixels)
    return fail(Errc::too_large,
                fmt::format("a PNG of {}×{} pixels, over the limit of {} million", head.width, head.height,
                            kMaxPixels / 1'000'000),
                {}, "send a smaller picture");
  return context;
}

Size size_of(const spng_ihdr& head) {
  return {static_cast<int>(head.width), static_cast<int>(head.height)};
}

std::int64_t bits_a_pixel(const spng_ihdr& head) {
  switch (head.color_type) {
    case SPNG_COLOR_TYPE_TRUECOLOR:
      return 3 * head.bit_depth;
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
      return 4 * head.bit_depth;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
      return 2 * head.bit_depth;
    default:
      return head.bit_depth;
  }
}

/// Whether pixels can be transparent: an alpha channel, or colours declared transparent.
bool has_alpha(spng_ctx* context, const spng_ihdr& head) {
  if (head.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA || head.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA)
    return true;
  spng_trns transparent{};
  return spng_get_trns(context, &transparent) == 0;
}

/// As its EXIF says, where that stands before the pixels.
Orientation orientation_of(spng_ctx* context) {
  spng_exif exif{};
  if (spng_get_exif(context, &exif) != 0) return Orientation::upright;
  return tiff_orientation({as_bytes(std::string_view(exif.data, exif.length))});
}

void over_black(const Bytes& rgba, Picture& out) {
  const std::uint8_t* from = rgba.data();
  std::uint8_t* to = out.data();
  const std::uint8_t* const end = to + out.stride() * out.height();
  for (; to != end; from += 4, to += 3)
    for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>((from[c] * from[3] + 127) / 255);
}

/// The pixels as they are stored.
Result<void> decode(spng_ctx* context, const spng_ihdr& head, Bytes& rgba, Picture& out) {
  const bool alpha = has_alpha(context, head);
  const int format = alpha ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8;
  std::size_t needed = 0;
  if (const int code = spng_decoded_image_size(context, format, &needed); code != 0) return failure(code);
  const Size size = size_of(head);
  out.reset(size.width, size.height, 3);
  if (alpha) rgba.resize(needed);
  void* const target = alpha ? static_cast<void*>(rgba.data()) : out.data();
  if (const int code = spng_decode_image(context, target, needed, format, alpha ? SPNG_DECODE_TRNS : 0); code != 0)
    return failure(code);
  if (alpha) over_black(rgba, out);
  return {};
}

}  // namespace

Result<PictureInfo> PngReader::probe(ByteView bytes) {
  spng_ihdr head{};
  PERCH_TRY(const Context context, open(bytes, head));
  const Orientation orientation = orientation_of(context.get());
  return PictureInfo{Format::png, turned(size_of(head), orientation), orientation};
}

Result<Size> PngReader::read(ByteView bytes, Picture& out) {
  spng_ihdr head{};
  PERCH_TRY(const Context context, open(bytes, head));
  const Size size = size_of(head);
  const std::int64_t packed = std::int64_t{size.width} * size.height * bits_a_pixel(head) / 8;
  if (packed > static_cast<std::int64_t>(bytes.size()) * kMaxInflation)
    return fail(
        Errc::invalid,
        fmt::format("damaged PNG: {} cannot hold {}×{} pixels", format_size(bytes.size()), size.width, size.height), {},
        "fetch it again; if it stays so, its file or camera is broken");
  const Orientation orientation = orientation_of(context.get());
  const bool upright = orientation == Orientation::upright;
  PERCH_CHECK(decode(context.get(), head, rgba_, upright ? out : stored_));
  if (!upright) turn_upright(stored_, orientation, out);
  return turned(size, orientation);
}

Result<Bytes> encode_png(PictureView picture) {
  if (picture.width <= 0 || picture.height <= 0) return fail(Errc::invalid, "an empty picture cannot be a PNG");
  if (std::int64_t{picture.width} * picture.height > kMaxPixels)
    return fail(Errc::too_large, fmt::format("over the limit of {} million pixels", kMaxPixels / 1'000'000));
  const Context context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (!context) return fail(Errc::full, "no memory left to encode a PNG");
  spng_ihdr head{};
  head.width = static_cast<std::uint32_t>(picture.width);
  head.height = static_cast<std::uint32_t>(picture.height);
  head.bit_depth = 8;
  head.color_type = picture.channels == 1 ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR;
  int code = spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  if (code == 0) code = spng_set_ihdr(context.get(), &head);
  if (code == 0)
    code = spng_encode_image(context.get(), nullptr, 0, SPNG_FMT_PNG, SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE);
  const std::size_t row_bytes = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
  for (int y = 0; code == 0 && y < picture.height; ++y)
    code = spng_encode_row(context.get(), picture.row(y), row_bytes);
  if (code != SPNG_EOI) return fail(Errc::internal, fmt::format("cannot encode a PNG: {}", spng_strerror(code)));
  std::size_t size = 0;
  void* const buffer = spng_get_png_buffer(context.get(), &size, &code);
  const std::unique_ptr<void, decltype(&std::free)> owner(buffer, &std::free);
  if (buffer == nullptr) return fail(Errc::internal, fmt::format("cannot encode a PNG: {}", spng_strerror(code)));
  const auto* const bytes = static_cast<const std::uint8_t*>(buffer);
  return Bytes(bytes, bytes + size);
}

}  // namespace perch::image
