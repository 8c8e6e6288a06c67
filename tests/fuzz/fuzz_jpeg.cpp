// Any bytes that begin like a JPEG: whole, reduced and as luma, they decode to the size they announce or are refused.
#include <cstdlib>

#include "base/assert.hpp"
#include "image/codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static perch::image::PictureDecoder decoder;
  static perch::image::Picture picture;
  perch::Bytes file{0xff, 0xd8, 0xff};
  if (size > 3) file.insert(file.end(), data + 3, data + size);
  const auto announced = decoder.probe(file);
  const auto full = decoder.decode(file, picture);
  if (full) PERCH_ASSERT(announced && *full == announced->size && picture.size() == *full);
  if (!full) PERCH_ASSERT(!full.error().what.empty() && full.error().code != perch::Errc::internal);
  const auto reduced = decoder.decode(file, picture, {16, 16});
  if (reduced) PERCH_ASSERT(picture.width() >= std::min(16, reduced->width) && picture.channels() == 3);
  const auto eighth = decoder.decode_luma(file, picture, 1);
  if (eighth) PERCH_ASSERT(picture.width() == (eighth->width + 7) / 8 && picture.channels() == 1);
  const auto luma = decoder.decode_luma(file, picture, 16);
  if (luma) PERCH_ASSERT(picture.width() >= std::min(16, luma->width) && picture.channels() == 1);
  return 0;
}
