#include "support/picture_files.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
#include <zlib.h>

#include "support/unwatched.hpp"

namespace perch::test {

namespace {

void put_u32(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

void put_chunk(Bytes& file, const std::string& type, const Bytes& data) {
  put_u32(file, static_cast<std::uint32_t>(data.size()));
  const std::size_t from = file.size();
  file.insert(file.end(), type.begin(), type.end());
  file.insert(file.end(), data.begin(), data.end());
  put_u32(file, static_cast<std::uint32_t>(crc32(0, file.data() + from, static_cast<unsigned>(file.size() - from))));
}

/// The raw samples of a pixel, each of `kind.bits` bits.
std::vector<int> samples(int x, int y, const PngKind& kind) {
  const auto [red, green, blue] = scene_colour(x, y);
  const int alpha = (x * 11 + y * 5) % 256;
  const auto wide = [&](int value) { return kind.bits == 16 ? value * 256 + (x * 37 + y) % 256 : value; };
  switch (kind.colour_type) {
    case 0:
      return {kind.bits < 8 ? red >> (8 - kind.bits) : wide(red)};
    case 3:
      return {(x + y * 3) % std::min(1 << kind.bits, 200)};
    case 4:
      return {wide(red), wide(alpha)};
    case 6:
      return {wide(red), wide(green), wide(blue), wide(alpha)};
    default:
      return {wide(red), wide(green), wide(blue)};
  }
}

std::array<int, 3> palette_colour(int index) {
  return {index * 53 % 256, index * 101 % 256, 255 - index};
}

int palette_alpha(int index) {
  return index < 8 ? 255 - index * 30 : 255;
}

void put_rows(Bytes& raw, const PngKind& kind, int width, int height, int x0, int y0, int dx, int dy) {
  for (int y = y0; y < height; y += dy) {
    if (x0 >= width) break;
    raw.push_back(0);  // no filter
    int bits = 0, filled = 0;
    for (int x = x0; x < width; x += dx)
      for (const int sample : samples(x, y, kind)) {
        if (kind.bits == 16) raw.push_back(static_cast<std::uint8_t>(sample >> 8));
        if (kind.bits >= 8) {
          raw.push_back(static_cast<std::uint8_t>(sample));
          continue;
        }
        bits = (bits << kind.bits) | sample;
        filled += kind.bits;
        if (filled == 8) raw.push_back(static_cast<std::uint8_t>(bits)), bits = filled = 0;
      }
    if (filled > 0) raw.push_back(static_cast<std::uint8_t>(bits << (8 - filled)));
  }
}

Bytes head(std::uint32_t width, std::uint32_t height, const PngKind& kind) {
  Bytes file{0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a}, data;
  put_u32(data, width);
  put_u32(data, height);
  for (const int value : {kind.bits, kind.colour_type, 0, 0, kind.interlaced ? 1 : 0})
    data.push_back(static_cast<std::uint8_t>(value));
  put_chunk(file, "IHDR", data);
  return file;
}

}  // namespace

namespace {

/// One of the three colours of the scene.
PERCH_UNWATCHED int scene_colour(int x, int y, int channel) {
  return (channel == 0 ? 40 + x * 5 : channel == 1 ? 200 + y * 3 : 90 + x * 2 + y * 2) % 256;
}

/// A row of the scene: its red alone, its colours, or those as inks, inverted, as Adobe writes them: no black.
PERCH_UNWATCHED void fill_row(std::uint8_t* at, int width, int y, int channels) {
  for (int x = 0; x < width; ++x)
    for (int c = 0; c < channels; ++c) *at++ = static_cast<std::uint8_t>(c < 3 ? scene_colour(x, y, c) : 255);
}

}  // namespace

std::array<int, 3> scene_colour(int x, int y) {
  return {scene_colour(x, y, 0), scene_colour(x, y, 1), scene_colour(x, y, 2)};
}

Bytes jpeg_file(int width, int height, const JpegKind& kind) {
  using Colours = JpegKind::Colours;
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  const bool inks = kind.colours == Colours::cmyk_adobe || kind.colours == Colours::ycck_adobe;
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = inks ? 4 : kind.colours == Colours::grey ? 1 : 3;
  info.in_color_space = inks ? JCS_CMYK : kind.colours == Colours::grey ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  if (kind.colours == Colours::rgb) jpeg_set_colorspace(&info, JCS_RGB);
  if (kind.colours == Colours::cmyk_adobe) jpeg_set_colorspace(&info, JCS_CMYK);
  if (kind.colours == Colours::ycck_adobe) jpeg_set_colorspace(&info, JCS_YCCK);
  jpeg_set_quality(&info, kind.quality, TRUE);
  info.arith_code = kind.arithmetic ? TRUE : FALSE;
  info.restart_in_rows = kind.restart_rows;
  info.optimize_coding = kind.optimised ? TRUE : FALSE;
  if (kind.across > 0) info.comp_info[0].h_samp_factor = kind.across;
  if (kind.down > 0) info.comp_info[0].v_samp_factor = kind.down;
  if (kind.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  Bytes row(static_cast<std::size_t>(width) * static_cast<std::size_t>(info.input_components));
  for (int y = 0; y < height; ++y) {
    fill_row(row.data(), width, y, info.input_components);
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&info, &rows, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Bytes file(buffer, buffer + size);
  std::free(buffer);
  return file;
}

Bytes png_head(std::uint32_t width, std::uint32_t height) {
  return head(width, height, {});
}

namespace {

/// Errors and warnings of libjpeg alike leave it through here.
struct Refusal {
  jpeg_error_mgr manager;
  std::jmp_buf escape;
};

[[noreturn]] void refuse(j_common_ptr info) {
  std::longjmp(reinterpret_cast<Refusal*>(info->err)->escape, 1);
}

void refuse_warning(j_common_ptr info, int level) {
  if (level < 0) refuse(info);
}

/// @pre `luma` outlives the jump
void read_luma(jpeg_decompress_struct& info, Refusal& refusal, const Bytes& jpeg, Luma& luma) {
  if (setjmp(refusal.escape) != 0) {
    luma.pixels.clear();
    return;
  }
  jpeg_mem_src(&info, jpeg.data(), jpeg.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_GRAYSCALE;
  info.scale_num = 1;
  info.scale_denom = 8;
  jpeg_start_decompress(&info);
  luma.width = static_cast<int>(info.output_width);
  luma.height = static_cast<int>(info.output_height);
  luma.pixels.resize(std::size_t{info.output_width} * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = luma.pixels.data() + std::size_t{info.output_scanline} * info.output_width;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
}

}  // namespace

Luma luma_eighth(const Bytes& jpeg) {
  Refusal refusal{};
  jpeg_std_error(&refusal.manager);
  refusal.manager.error_exit = refuse;
  refusal.manager.emit_message = refuse_warning;
  jpeg_decompress_struct info{};
  info.err = &refusal.manager;
  jpeg_create_decompress(&info);
  Luma luma;
  read_luma(info, refusal, jpeg, luma);
  jpeg_destroy_decompress(&info);
  return luma;
}

Bytes png_file(int width, int height, const PngKind& kind) {
  Bytes file = head(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), kind);
  if (kind.colour_type == 3) {
    Bytes palette, alpha;
    for (int i = 0; i < std::min(1 << kind.bits, 200); ++i) {
      for (const int value : palette_colour(i)) palette.push_back(static_cast<std::uint8_t>(value));
      alpha.push_back(static_cast<std::uint8_t>(palette_alpha(i)));
    }
    put_chunk(file, "PLTE", palette);
    if (kind.transparent) put_chunk(file, "tRNS", alpha);
  } else if (kind.transparent) {
    Bytes transparent;
    for (const int sample : samples(0, 0, kind)) {
      transparent.push_back(static_cast<std::uint8_t>(sample >> 8));
      transparent.push_back(static_cast<std::uint8_t>(sample));
    }
    put_chunk(file, "tRNS", transparent);
  }
  Bytes raw;
  if (!kind.interlaced) put_rows(raw, kind, width, height, 0, 0, 1, 1);
  // The seven passes of Adam7: first column and row, steps across and down.
  constexpr int kPasses[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                 {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  if (kind.interlaced)
    for (const auto& [x0, y0, dx, dy] : kPasses) put_rows(raw, kind, width, height, x0, y0, dx, dy);
  uLongf size = compressBound(raw.size());
  Bytes packed(size);
  compress2(packed.data(), &size, raw.data(), raw.size(), 6);
  packed.resize(size);
  put_chunk(file, "IDAT", packed);
  put_chunk(file, "IEND", {});
  return file;
}

std::array<int, 3> png_colour(int x, int y, const PngKind& kind) {
  const std::vector<int> raw = samples(x, y, kind);
  if (kind.colour_type == 3) {
    auto colour = palette_colour(raw[0]);
    const int alpha = kind.transparent ? palette_alpha(raw[0]) : 255;
    for (int& channel : colour) channel = (channel * alpha + 127) / 255;
    return colour;
  }
  if (kind.transparent && raw == samples(0, 0, kind)) return {0, 0, 0};
  std::vector<int> bytes;
  for (const int sample : raw)
    bytes.push_back(kind.bits == 16 ? sample >> 8 : kind.bits < 8 ? sample * 255 / ((1 << kind.bits) - 1) : sample);
  const bool alpha = kind.colour_type == 4 || kind.colour_type == 6;
  const int opacity = alpha ? bytes.back() : 255;
  const bool grey = kind.colour_type == 0 || kind.colour_type == 4;
  std::array<int, 3> colour{};
  for (std::size_t c = 0; c < 3; ++c) colour[c] = (bytes[grey ? 0 : c] * opacity + 127) / 255;
  return colour;
}

Bytes tiff_with_orientation(std::uint16_t orientation, bool little_endian) {
  Bytes tiff(2, little_endian ? 'I' : 'M');
  const auto add = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
      tiff.push_back(static_cast<std::uint8_t>(value >> 8 * (little_endian ? i : bytes - 1 - i)));
  };
  add(42, 2);
  add(8, 4);  // where the directory begins
  add(2, 2);  // entries
  const auto add_entry = [&](std::uint16_t tag, std::uint16_t value) {
    add(tag, 2), add(3, 2), add(1, 4), add(value, 2), add(0, 2);
  };
  add_entry(0x0103, 6);  // compression: another short before it
  add_entry(0x0112, orientation);
  add(0, 4);  // no further directory
  return tiff;
}

Bytes with_exif_orientation(const Bytes& jpeg, std::uint16_t orientation, bool little_endian) {
  Bytes segment{0xff, 0xe1, 0, 0, 'E', 'x', 'i', 'f', 0, 0};
  const Bytes tiff = tiff_with_orientation(orientation, little_endian);
  segment.insert(segment.end(), tiff.begin(), tiff.end());
  segment[3] = static_cast<std::uint8_t>(segment.size() - 2);
  Bytes file = jpeg;
  file.insert(file.begin() + 2, segment.begin(), segment.end());
  return file;
}

Bytes with_png_exif(const Bytes& png, const Bytes& exif) {
  constexpr std::size_t kHead = 8 + 25;  // signature and IHDR
  Bytes file(png.begin(), png.begin() + kHead);
  put_chunk(file, "eXIf", exif);
  file.insert(file.end(), png.begin() + kHead, png.end());
  return file;
}

std::vector<Bytes> small_jpeg_files() {
  using Colours = JpegKind::Colours;
  return {jpeg_file(24, 17, {.quality = 60}),
          jpeg_file(24, 17, {.progressive = true, .quality = 60}),
          jpeg_file(16, 16, {.colours = Colours::grey}),
          jpeg_file(19, 33, {.colours = Colours::rgb, .restart_rows = 1, .quality = 60}),
          jpeg_file(17, 9, {.colours = Colours::ycck_adobe, .quality = 60}),
          jpeg_file(17, 9, {.arithmetic = true, .quality = 60}),
          with_exif_orientation(jpeg_file(19, 9, {.quality = 60}), 6)};
}

std::vector<Bytes> small_png_files() {
  return {png_file(24, 17),
          png_file(13, 9, {.colour_type = 0, .bits = 1}),
          png_file(13, 9, {.colour_type = 3, .bits = 4, .transparent = true}),
          png_file(11, 7, {.colour_type = 6, .bits = 16}),
          png_file(11, 7, {.colour_type = 2, .bits = 8, .interlaced = true}),
          png_file(9, 9, {.colour_type = 4, .bits = 8, .interlaced = true}),
          with_png_exif(png_file(13, 9), tiff_with_orientation(6))};
}

}  // namespace perch::test
