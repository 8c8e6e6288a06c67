#include "image/jpeg.hpp"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>
// clang-format off
#include <jpeglib.h>  // needs <cstdio>, and jerror.h needs it
#include <jerror.h>
// clang-format on

#include "base/text.hpp"
#include "image/jpeg_dc.hpp"
#include "image/orientation.hpp"

namespace perch::image {

namespace {

/// Encoders write 1 to 10 scans and optimisers some 20; a file made to keep a decoder busy has hundreds.
constexpr std::int64_t kMinScanLimit = 24;
constexpr std::int64_t kMaxScanLimit = 100;
constexpr std::int64_t kMaxScannedPixels = 1'000'000'000;

/// Stray bytes that a picture may have before a marker. More means that its data broke off and was found again.
constexpr int kMaxStrayBytes = 1024;

/// Where EXIF stands.
constexpr int kExifMarker = JPEG_APP0 + 1;

/// Beyond it libjpeg's own arithmetic overflows.
constexpr int kMostQuantum = 32'767;

/// Where libjpeg's errors and warnings go. Errors leave libjpeg by longjmp, so no function between a `setjmp` and the
/// library may own anything that needs a destructor.
struct ErrorTrap {
  jpeg_error_mgr manager;
  std::jmp_buf escape;
  int fatal_code = 0;
  char fatal[JMSG_LENGTH_MAX] = {};
  char corrupt[JMSG_LENGTH_MAX] = {};  ///< the first warning that means a damaged picture

  void clear() { fatal_code = 0, fatal[0] = 0, corrupt[0] = 0; }
};

ErrorTrap& trap_of(j_common_ptr info) {
  return *reinterpret_cast<ErrorTrap*>(info->err);
}

[[noreturn]] void on_error(j_common_ptr info) {
  ErrorTrap& trap = trap_of(info);
  trap.fatal_code = trap.manager.msg_code;
  trap.manager.format_message(info, trap.fatal);
  std::longjmp(trap.escape, 1);
}

/// A marker in the midst of picture data, where nothing can be stray.
bool is_restart(int marker) {
  return marker >= JPEG_RST0 && marker <= JPEG_RST0 + 7;
}

/// Cameras send files with an odd header or stray bytes; these decode as well as any. Damage to the picture data itself
/// does not.
bool means_damage(const jpeg_error_mgr& manager) {
  switch (manager.msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      return true;
    case JWRN_EXTRANEOUS_DATA:
      return manager.msg_parm.i[0] > kMaxStrayBytes || is_restart(manager.msg_parm.i[1]);
    default:
      return false;
  }
}

void on_message(j_common_ptr info, int level) {
  ErrorTrap& trap = trap_of(info);
  if (level >= 0 || trap.corrupt[0] != 0 || !means_damage(trap.manager)) return;
  trap.manager.format_message(info, trap.corrupt);
}

void install(ErrorTrap& trap) {
  jpeg_std_error(&trap.manager);
  trap.manager.error_exit = on_error;
  trap.manager.emit_message = on_message;
}

void on_progress(j_common_ptr info) {
  const auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
  const std::int64_t pixels = std::int64_t{decoder->image_width} * decoder->image_height;
  const std::int64_t limit =
      std::clamp(kMaxScannedPixels / std::max<std::int64_t>(1, pixels), kMinScanLimit, kMaxScanLimit);
  if (decoder->input_scan_number <= limit) return;
  info->err->msg_code = JERR_BAD_PROGRESSION;
  ErrorTrap& trap = trap_of(info);
  trap.fatal_code = JERR_BAD_PROGRESSION;
  std::snprintf(trap.fatal, sizeof trap.fatal, "more than %d scans", static_cast<int>(limit));
  std::longjmp(trap.escape, 1);
}

std::uint8_t product(int a, int b) {
  return static_cast<std::uint8_t>((a * b + 127) / 255);
}

/// One row of CMYK. Adobe's files, nearly all there are, hold ink inverted: 255 is none.
void cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, int width, bool inverted) {
  const int flip = inverted ? 0 : 255;
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3)
    for (int c = 0; c < 3; ++c) rgb[c] = product(cmyk[c] ^ flip, cmyk[3] ^ flip);
}

void rgb_to_grey(const std::uint8_t* rgb, std::uint8_t* grey, int width) {
  for (int x = 0; x < width; ++x, rgb += 3)
    grey[x] = static_cast<std::uint8_t>((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 32768) >> 16);
}

}  // namespace

int reduction(Size full, Size at_least) {
  if (at_least.width <= 0 && at_least.height <= 0) return 1;
  int by = 8;
  while (by > 1 && ((full.width + by - 1) / by < at_least.width || (full.height + by - 1) / by < at_least.height))
    by /= 2;
  return by;
}

struct JpegReader::State {
  ErrorTrap trap{};
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};
  Bytes row;       ///< one row of CMYK and one of RGB, for pictures that libjpeg cannot convert
  Picture stored;  ///< a picture that is still to be turned
  ByteView exif;   ///< of what is being read
  DcReader dc;
  std::array<std::array<HuffmanCode, MAX_COMPS_IN_SCAN>, 2> codes;  ///< of DC and of AC
  std::array<BaselineScan::Component, MAX_COMPS_IN_SCAN> components;

  State() {
    install(trap);
    info.err = &trap.manager;
    jpeg_create_decompress(&info);
    info.client_data = this;
    jpeg_set_marker_processor(&info, kExifMarker, take_exif);
    progress.progress_monitor = on_progress;
    info.progress = &progress;
  }

  ~State() { jpeg_destroy_decompress(&info); }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool read_head(ByteView bytes) {
    trap.clear();
    exif = {};
    if (setjmp(trap.escape) != 0) return false;
    jpeg_mem_src(&info, bytes.data(), bytes.size());
    jpeg_read_header(&info, TRUE);
    return true;
  }

  bool start() {
    if (setjmp(trap.escape) != 0) return false;
    jpeg_start_decompress(&info);
    return true;
  }

  /// @pre started; `out` has the output's size; `row` has room for 7 bytes a pixel of width when colours are CMYK.
  bool read_rows(Picture& out) {
    if (setjmp(trap.escape) != 0) return false;
    const bool cmyk = info.out_color_space == JCS_CMYK;
    const bool inverted = info.saw_Adobe_marker != 0;
    const int width = static_cast<int>(info.output_width);
    std::uint8_t* const rgb_row = row.data() + (cmyk ? std::size_t{4} * info.output_width : 0);
    while (info.output_scanline < info.output_height) {
      std::uint8_t* target = out.row(static_cast<int>(info.output_scanline));
      JSAMPROW into = cmyk ? row.data() : target;
      if (jpeg_read_scanlines(&info, &into, 1) != 1) return false;
      if (!cmyk) continue;
      cmyk_to_rgb(row.data(), out.channels() == 3 ? target : rgb_row, width, inverted);
      if (out.channels() == 1) rgb_to_grey(rgb_row, target, width);
    }
    jpeg_finish_decompress(&info);
    return true;
  }

  /// The scan whose header has been read, when it is one that `DcReader` reads: all there is of a baseline picture.
  std::optional<BaselineScan> baseline() {
    const bool plain = info.progressive_mode == 0 && info.arith_code == 0 && info.data_precision == 8 && info.Ss == 0 &&
                       info.Se == DCTSIZE2 - 1 && info.Ah == 0 && info.Al == 0 && trap.corrupt[0] == 0;
    const bool has_luma = info.jpeg_color_space == JCS_YCbCr || info.jpeg_color_space == JCS_GRAYSCALE;
    if (!plain || !has_luma || info.comps_in_scan != info.num_components || info.cur_comp_info[0] != info.comp_info)
      return std::nullopt;
    int blocks = 0;
    for (int i = 0; i < info.comps_in_scan; ++i) {
      const jpeg_component_info& part = *info.cur_comp_info[i];
      if (!take_code(info.dc_huff_tbl_ptrs, part.dc_tbl_no, codes[0][i]) ||
          !take_code(info.ac_huff_tbl_ptrs, part.ac_tbl_no, codes[1][i]) || part.quant_tbl_no < 0 ||
          part.quant_tbl_no >= NUM_QUANT_TBLS || !info.quant_tbl_ptrs[part.quant_tbl_no])
        return std::nullopt;
      components[i] = {part.h_samp_factor, part.v_samp_factor, &codes[0][i], &codes[1][i]};
      blocks += part.h_samp_factor * part.v_samp_factor;
    }
    const jpeg_component_info& luma = *info.comp_info;
    const int quantum = info.quant_tbl_ptrs[luma.quant_tbl_no]->quantval[0];
    if (blocks > D_MAX_BLOCKS_IN_MCU || luma.h_samp_factor != info.max_h_samp_factor ||
        luma.v_samp_factor != info.max_v_samp_factor || quantum > kMostQuantum)
      return std::nullopt;
    return BaselineScan{size(),
                        {components.data(), static_cast<std::size_t>(info.comps_in_scan)},
                        quantum,
                        static_cast<int>(info.restart_interval),
                        {info.src->next_input_byte, info.src->bytes_in_buffer}};
  }

  static bool take_code(JHUFF_TBL* const* tables, int number, HuffmanCode& code) {
    if (number < 0 || number >= NUM_HUFF_TBLS || !tables[number]) return false;
    std::ranges::copy(tables[number]->bits, code.counts.begin());
    std::ranges::copy(tables[number]->huffval, code.values.begin());
    return true;
  }

  /// Notes where the first Exif segment is, and passes over it and all others: copies of many small ones, as libjpeg
  /// would keep them, take many times the memory of their file. The file is in memory as a whole.
  static boolean take_exif(j_decompress_ptr info) {
    jpeg_source_mgr& source = *info->src;
    constexpr std::size_t kLengthBytes = 2;
    if (source.bytes_in_buffer < kLengthBytes) return source.fill_input_buffer(info);  // the end, as libjpeg makes it
    const std::size_t length = std::size_t{source.next_input_byte[0]} << 8 | source.next_input_byte[1];
    source.next_input_byte += kLengthBytes;
    source.bytes_in_buffer -= kLengthBytes;
    if (length < kLengthBytes) ERREXIT(info, JERR_BAD_LENGTH);
    ByteView& exif = static_cast<State*>(info->client_data)->exif;
    const ByteView segment(source.next_input_byte, std::min(length - kLengthBytes, source.bytes_in_buffer));
    if (exif.empty() && is_exif(segment)) exif = segment;
    source.skip_input_data(info, static_cast<long>(length - kLengthBytes));
    return TRUE;
  }

  /// As stored.
  Size size() const { return {static_cast<int>(info.image_width), static_cast<int>(info.image_height)}; }

  tl::unexpected<Error> failure() {
    jpeg_abort_decompress(&info);
    const std::string words = trap.fatal[0] != 0 ? trap.fatal : "libjpeg stopped without a reason";
    switch (trap.fatal_code) {
      case JERR_IMAGE_TOO_BIG:
        return fail(Errc::too_large, fmt::format("a JPEG of more than {} pixels a side", JPEG_MAX_DIMENSION), {},
                    "send a smaller picture");
      case JERR_OUT_OF_MEMORY:
        return fail(Errc::full, "no memory left to decode a JPEG");
      case JERR_SOF_UNSUPPORTED:
      case JERR_BAD_PRECISION:
      case JERR_CONVERSION_NOTIMPL:
      case JERR_ARITH_NOTIMPL:
      case JERR_CCIR601_NOTIMPL:
        return fail(Errc::unsupported, "a kind of JPEG that cannot be decoded: " + words, {},
                    "save it as baseline or progressive JPEG with 8 bits a channel");
      default:
        return damaged(words);
    }
  }

  static tl::unexpected<Error> damaged(const std::string& words) {
    return fail(Errc::invalid, "damaged JPEG: " + words, {},
                "fetch it again; if it stays so, its file or camera is broken");
  }

  Result<Size> head(ByteView bytes) {
    jpeg_abort_decompress(&info);
    if (!read_head(bytes)) return failure();
    const std::int64_t pixels = std::int64_t{info.image_width} * info.image_height;
    if (pixels > kMaxPixels)
      return fail(Errc::too_large,
                  fmt::format("a JPEG of {}×{} pixels, over the limit of {} million", info.image_width,
                              info.image_height, kMaxPixels / 1'000'000),
                  {}, "send a smaller picture");
    return size();
  }

  /// Decodes, as it is stored, what has the head that was read last.
  Result<void> read_stored(ByteView bytes, Wanted wanted, Size at_least, Picture& out) {
    const Size full = size();
    // Huffman coding spends a bit or more on each block of 8×8 pixels: what cannot be there needs no memory.
    const std::int64_t least_bytes = std::int64_t{full.width} * full.height / 512;
    if (info.arith_code == 0 && static_cast<std::int64_t>(bytes.size()) < least_bytes)
      return damaged(fmt::format("{} cannot hold {}×{} pixels", format_size(bytes.size()), full.width, full.height));

    if (wanted == Wanted::luma && reduction(full, at_least) == 8)
      if (const std::optional<BaselineScan> scan = baseline(); scan && dc.read(*scan, out)) return {};

    const bool inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = inks ? JCS_CMYK : wanted == Wanted::luma ? JCS_GRAYSCALE : JCS_RGB;
    info.scale_num = 1;
    info.scale_denom = static_cast<unsigned>(reduction(full, at_least));
    info.dct_method = JDCT_ISLOW;
    if (!start()) return failure();
    out.reset(static_cast<int>(info.output_width), static_cast<int>(info.output_height),
              wanted == Wanted::luma ? 1 : 3);
    if (inks) row.resize(std::size_t{7} * info.output_width);
    if (!read_rows(out)) return failure();
    if (trap.corrupt[0] != 0) return damaged(trap.corrupt);
    return {};
  }
};

JpegReader::JpegReader() : state_(std::make_unique<State>()) {}

JpegReader::~JpegReader() = default;

Result<PictureInfo> JpegReader::probe(ByteView bytes) {
  const Result<Size> stored = state_->head(bytes);
  jpeg_abort_decompress(&state_->info);
  if (!stored) return fail(stored.error());
  const Orientation orientation = exif_orientation(state_->exif);
  return PictureInfo{Format::jpeg, turned(*stored, orientation), orientation};
}

Result<Size> JpegReader::read(ByteView bytes, Wanted wanted, Size at_least, Picture& out) {
  PERCH_TRY(const Size stored, state_->head(bytes));
  const Orientation orientation = exif_orientation(state_->exif);
  if (orientation == Orientation::upright) {
    PERCH_CHECK(state_->read_stored(bytes, wanted, at_least, out));
    return stored;
  }
  PERCH_CHECK(state_->read_stored(bytes, wanted, turned(at_least, orientation), state_->stored));
  turn_upright(state_->stored, orientation, out);
  return turned(stored, orientation);
}

namespace {

/// @pre the picture is not empty and within libjpeg's limits. On failure the caller frees `*buffer`.
bool compress(ErrorTrap& trap, jpeg_compress_struct& info, const PictureView& picture, int quality,
              unsigned char** buffer, unsigned long* size) {
  if (setjmp(trap.escape) != 0) return false;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, buffer, size);
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  info.input_components = picture.channels;
  info.in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(picture.row(static_cast<int>(info.next_scanline)));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

Result<Bytes> encode_jpeg(PictureView picture, int quality) {
  if (picture.width <= 0 || picture.height <= 0) return fail(Errc::invalid, "an empty picture cannot be a JPEG");
  if (picture.width > JPEG_MAX_DIMENSION || picture.height > JPEG_MAX_DIMENSION)
    return fail(Errc::too_large, fmt::format("a JPEG has at most {} pixels a side", JPEG_MAX_DIMENSION));
  ErrorTrap trap{};
  install(trap);
  jpeg_compress_struct info{};
  info.err = &trap.manager;
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  const bool done = compress(trap, info, picture, std::clamp(quality, 1, 100), &buffer, &size);
  jpeg_destroy_compress(&info);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(buffer, &std::free);
  if (!done) return fail(Errc::internal, fmt::format("cannot encode a JPEG: {}", trap.fatal));
  return Bytes(buffer, buffer + size);
}

}  // namespace perch::image
