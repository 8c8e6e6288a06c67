#include "video/announced.hpp"

#include <array>
#include <bit>
#include <fstream>

#include "base/bytes.hpp"

namespace perch::video {

namespace {

/// A number of EBML at `at`: its length is in the leading bits. `keep_marker`: as element ids are written. -1: none.
std::int64_t ebml_number(ByteView head, std::size_t& at, bool keep_marker) {
  if (at >= head.size() || head[at] == 0) return -1;
  const auto length = static_cast<std::size_t>(std::countl_zero(head[at])) + 1;
  if (length > head.size() - at) return -1;
  std::uint64_t value = keep_marker ? head[at] : head[at] & (0xffU >> length);
  bool unknown = !keep_marker && value == (0xffU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    value = value << 8 | head[at + i];
    unknown = unknown && head[at + i] == 0xff;
  }
  at += length;
  return unknown ? -1 : static_cast<std::int64_t>(value);
}

}  // namespace

std::int64_t announced_bytes(const std::string& path) {
  std::array<char, 256> buffer{};
  std::ifstream file(path, std::ios::binary);
  file.read(buffer.data(), buffer.size());
  const ByteView head = as_bytes({buffer.data(), static_cast<std::size_t>(file.gcount())});
  if (head.size() >= 12 && as_text(head.first(4)) == "RIFF")
    return 8 + std::int64_t{head[4]} + (std::int64_t{head[5]} << 8) + (std::int64_t{head[6]} << 16) +
           (std::int64_t{head[7]} << 24);
  constexpr std::int64_t kEbml = 0x1a45dfa3, kSegment = 0x18538067;
  std::size_t at = 0;
  if (ebml_number(head, at, true) != kEbml) return 0;
  const std::int64_t header = ebml_number(head, at, false);
  if (header < 0 || header > static_cast<std::int64_t>(head.size() - at)) return 0;
  at += static_cast<std::size_t>(header);
  if (ebml_number(head, at, true) != kSegment) return 0;
  const std::int64_t segment = ebml_number(head, at, false);
  return segment < 0 ? 0 : static_cast<std::int64_t>(at) + segment;
}

}  // namespace perch::video
