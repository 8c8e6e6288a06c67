#include "image/codec.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "image/jpeg.hpp"
#include "image/png.hpp"

namespace perch::image {

namespace {

constexpr std::array<std::uint8_t, 3> kJpegStart{0xff, 0xd8, 0xff};
constexpr std::array<std::uint8_t, 8> kPngStart{0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};

struct Signature {
  std::string_view start;
  std::string_view name;
};

/// What comes where a picture was expected.
constexpr std::array kSignatures{
    Signature{"GIF8", "a GIF"},         Signature{"BM", "a BMP picture"},
    Signature{"II*", "a TIFF picture"}, Signature{std::string_view("MM\0*", 4), "a TIFF picture"},
    Signature{"%PDF", "a PDF"},         Signature{"PK\3\4", "a ZIP archive"},
    Signature{"\x1f\x8b", "gzip data"}, Signature{"HTTP/", "an HTTP answer"},
};

bool starts_with(ByteView bytes, ByteView start) {
  return bytes.size() >= start.size() && std::equal(start.begin(), start.end(), bytes.begin());
}

bool is_text(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == '\t' || b == '\n' || b == '\r' || b >= ' '; });
}

/// "empty", "an HTML page: '<!doctype html>'", "a GIF", "text: '404 not found'", "starts with 00 01 02".
std::string describe(ByteView bytes) {
  if (bytes.empty()) return "empty";
  const ByteView start = bytes.first(std::min<std::size_t>(bytes.size(), 64));
  const std::string_view text = as_text(start);
  for (const Signature& known : kSignatures)
    if (text.starts_with(known.start)) return std::string(known.name);
  if (text.size() >= 12 && text.starts_with("RIFF"))
    return text.substr(8, 4) == "WEBP" ? "a WebP picture" : "a RIFF file";
  if (text.size() >= 12 && text.substr(4, 4) == "ftyp")
    return fmt::format("an MP4, HEIC or AVIF file ('{}')", printable(text.substr(8, 4)));
  if (is_text(start)) {
    const std::string_view line = trim(text.substr(0, text.find('\n', text.find_first_not_of(" \t\r\n"))));
    const std::string lower = lower_case(line);
    const bool html = lower.starts_with("<!doctype html") || lower.starts_with("<html");
    return fmt::format("{}: '{}'", html ? "an HTML page" : "text", printable(line, 48));
  }
  std::string hex = "starts with";
  for (const std::uint8_t byte : start.first(std::min<std::size_t>(start.size(), 8)))
    hex += fmt::format(" {:02x}", byte);
  return hex;
}

Result<Format> format_of(ByteView bytes) {
  if (starts_with(bytes, kJpegStart)) return Format::jpeg;
  if (starts_with(bytes, kPngStart)) return Format::png;
  if (!bytes.empty() && (starts_with(kJpegStart, bytes) || starts_with(kPngStart, bytes)))
    return fail(Errc::invalid, fmt::format("no picture: cut short after {}", format_size(bytes.size())), {},
                "fetch it again");
  return fail(Errc::invalid, "no JPEG or PNG: " + describe(bytes), {},
              "check that this leads to a JPEG or PNG picture");
}

/// Means of blocks of `by`×`by` pixels, those at the right and bottom edge smaller, as grey.
void reduce_to_luma(const Picture& rgb, int by, Picture& out) {
  out.reset((rgb.width() + by - 1) / by, (rgb.height() + by - 1) / by, 1);
  for (int y = 0; y < out.height(); ++y)
    for (int x = 0; x < out.width(); ++x) {
      const int right = std::min((x + 1) * by, rgb.width()), bottom = std::min((y + 1) * by, rgb.height());
      std::int64_t sum = 0;
      for (int v = y * by; v < bottom; ++v)
        for (int u = x * by; u < right; ++u) {
          const std::uint8_t* p = rgb.at(u, v);
          sum += 19595 * p[0] + 38470 * p[1] + 7471 * p[2];
        }
      const std::int64_t count = std::int64_t{right - x * by} * (bottom - y * by);
      *out.at(x, y) = static_cast<std::uint8_t>((sum / count + 32768) >> 16);
    }
}

}  // namespace

struct PictureDecoder::Impl {
  JpegReader jpeg;
  PngReader png;
  Picture rgb;  ///< a PNG on its way to luma
};

PictureDecoder::PictureDecoder() : impl_(std::make_unique<Impl>()) {}

PictureDecoder::~PictureDecoder() = default;
PictureDecoder::PictureDecoder(PictureDecoder&&) noexcept = default;
PictureDecoder& PictureDecoder::operator=(PictureDecoder&&) noexcept = default;

Result<PictureInfo> PictureDecoder::probe(ByteView bytes) {
  PERCH_TRY(const Format format, format_of(bytes));
  return format == Format::jpeg ? impl_->jpeg.probe(bytes) : PngReader::probe(bytes);
}

bool is_picture_name(const std::filesystem::path& file) {
  const std::string extension = lower_case(file.extension().string());
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

Result<PictureInfo> probe(ByteView bytes) {
  return PictureDecoder().probe(bytes);
}

Result<Size> PictureDecoder::decode(ByteView bytes, Picture& out, Size at_least) {
  PERCH_TRY(const Format format, format_of(bytes));
  if (format == Format::jpeg) return impl_->jpeg.read(bytes, JpegReader::Wanted::rgb, at_least, out);
  return impl_->png.read(bytes, out);
}

Result<Size> PictureDecoder::decode_luma(ByteView bytes, Picture& out, int at_least_width) {
  const Size at_least{std::max(1, at_least_width), 0};
  PERCH_TRY(const Format format, format_of(bytes));
  if (format == Format::jpeg) return impl_->jpeg.read(bytes, JpegReader::Wanted::luma, at_least, out);
  PERCH_TRY(const Size full, impl_->png.read(bytes, impl_->rgb));
  reduce_to_luma(impl_->rgb, reduction(full, at_least), out);
  return full;
}

}  // namespace perch::image
