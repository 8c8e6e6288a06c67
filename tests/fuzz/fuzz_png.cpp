// Any bytes that begin like a PNG decode to the size they announce or are refused. Checksums are put right first, so
// that mutations get past them.
#include <cstdlib>

#include <zlib.h>

#include "base/assert.hpp"
#include "image/codec.hpp"

namespace {

constexpr std::uint8_t kStart[] = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};

std::uint32_t u32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

void put_checksums_right(perch::Bytes& file) {
  for (std::size_t at = sizeof kStart; at + 12 <= file.size();) {
    const std::size_t length = u32(file.data() + at);
    if (length > file.size() - at - 12) return;
    const auto sum = static_cast<std::uint32_t>(crc32(0, file.data() + at + 4, static_cast<unsigned>(length + 4)));
    for (std::size_t i = 0; i < 4; ++i) file[at + 8 + length + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    at += 12 + length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static perch::image::PictureDecoder decoder;
  static perch::image::Picture picture;
  perch::Bytes file(std::begin(kStart), std::end(kStart));
  if (size > sizeof kStart) file.insert(file.end(), data + sizeof kStart, data + size);
  put_checksums_right(file);
  const auto announced = decoder.probe(file);
  const auto full = decoder.decode(file, picture);
  if (full) PERCH_ASSERT(announced && *full == announced->size && picture.size() == *full && picture.channels() == 3);
  if (!full) PERCH_ASSERT(!full.error().what.empty() && full.error().code != perch::Errc::internal);
  const auto luma = decoder.decode_luma(file, picture, 16);
  PERCH_ASSERT(luma.has_value() == full.has_value());
  return 0;
}
