#include "image/orientation.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace perch::image {

namespace {

constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::uint16_t kTiff = 42, kOrientationTag = 0x0112, kShort = 3;
constexpr std::size_t kEntryBytes = 12;
/// A quarter turn reads columns: of so many pixels at a time, what they share of the cache is used before it is lost.
constexpr int kBand = 32;

/// Which corner of the stored picture is the upright one's first.
struct Begin {
  bool right, bottom;
};

constexpr std::array<Begin, 9> kBegins{
    Begin{},       {},           {true, false}, {true, true}, {false, true}, {false, false},
    {false, true}, {true, true}, {true, false}};

/// The numbers of a TIFF file, as which EXIF is stored: of either byte order. What lies beyond the end is 0.
class Tiff {
 public:
  explicit Tiff(ByteView bytes) : bytes_(bytes), little_(bytes.size() > 1 && bytes[0] == 'I' && bytes[1] == 'I') {}

  bool is_one() const {
    return bytes_.size() >= 8 && (little_ || (bytes_[0] == 'M' && bytes_[1] == 'M')) && u16(2) == kTiff;
  }

  bool holds(std::size_t at, std::size_t count) const { return at <= bytes_.size() && count <= bytes_.size() - at; }

  std::uint16_t u16(std::size_t at) const {
    const unsigned first = byte(at), second = byte(at + 1);
    return static_cast<std::uint16_t>(little_ ? second << 8 | first : first << 8 | second);
  }

  std::uint32_t u32(std::size_t at) const {
    const std::uint32_t first = u16(at), second = u16(at + 2);
    return little_ ? second << 16 | first : first << 16 | second;
  }

 private:
  std::uint8_t byte(std::size_t at) const { return at < bytes_.size() ? bytes_[at] : 0; }

  ByteView bytes_;
  bool little_;
};

template <int Channels>
void copy_turned(const Picture& stored, Orientation orientation, Picture& out) {
  const auto [from_right, from_bottom] = kBegins[static_cast<std::size_t>(orientation)];
  const std::ptrdiff_t along_row = from_right ? -Channels : Channels;
  const std::ptrdiff_t along_column = from_bottom ? -stored.stride() : stored.stride();
  const bool sides = changes_sides(orientation);
  const std::ptrdiff_t x_step = sides ? along_column : along_row, y_step = sides ? along_row : along_column;
  const std::uint8_t* const corner =
      stored.at(from_right ? stored.width() - 1 : 0, from_bottom ? stored.height() - 1 : 0);
  for (int band = 0; band < out.width(); band += kBand) {
    const int count = std::min(kBand, out.width() - band);
    for (int y = 0; y < out.height(); ++y) {
      const std::uint8_t* from = corner + y * y_step + band * x_step;
      std::uint8_t* to = out.at(band, y);
      for (int i = 0; i < count; ++i) std::memcpy(to + i * Channels, from + i * x_step, Channels);
    }
  }
}

}  // namespace

bool is_exif(ByteView segment) {
  return as_text(segment).starts_with(kExif);
}

Orientation exif_orientation(ByteView segment) {
  return is_exif(segment) ? tiff_orientation(segment.subspan(kExif.size())) : Orientation::upright;
}

Orientation tiff_orientation(ByteView bytes) {
  const Tiff tiff(bytes);
  if (!tiff.is_one()) return Orientation::upright;
  const std::size_t directory = tiff.u32(4);
  const std::size_t count = tiff.u16(directory);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (!tiff.holds(entry, kEntryBytes)) break;
    if (tiff.u16(entry) != kOrientationTag) continue;
    const std::uint16_t number = tiff.u16(entry + 8);
    const bool known = tiff.u16(entry + 2) == kShort && tiff.u32(entry + 4) == 1 && number >= 1 && number <= 8;
    return known ? static_cast<Orientation>(number) : Orientation::upright;
  }
  return Orientation::upright;
}

void turn_upright(const Picture& stored, Orientation orientation, Picture& out) {
  const Size size = turned(stored.size(), orientation);
  out.reset(size.width, size.height, stored.channels());
  if (size.width <= 0 || size.height <= 0) return;
  stored.channels() == 3 ? copy_turned<3>(stored, orientation, out) : copy_turned<1>(stored, orientation, out);
}

}  // namespace perch::image
