#include <random>

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/picture_files.hpp"

namespace perch::image {

namespace {

/// Damages files the same way in every run.
class Mutator {
 public:
  Bytes mutate(const Bytes& original) {
    Bytes file = original;
    switch (below(6)) {
      case 0:
        file.resize(below(file.size()));
        break;
      case 1:
        flip(file, 1 + below(8));
        break;
      case 2:
        flip(file, 1 + below(4));
        file.resize(below(file.size()));
        break;
      case 3: {
        const auto from = place(file), to = place(file);
        file.erase(std::min(from, to), std::max(from, to));
        break;
      }
      case 4: {
        const Bytes part(file.begin(), place(file));
        file.insert(place(file), part.begin(), part.end());
        break;
      }
      default:
        set_u16(file);
    }
    return file;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  Bytes::iterator place(Bytes& file) { return file.begin() + static_cast<std::ptrdiff_t>(below(file.size())); }

  void flip(Bytes& file, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) *place(file) = static_cast<std::uint8_t>(random_());
  }

  /// Lengths and sizes are 16 bits in both formats, or end in them.
  void set_u16(Bytes& file) {
    constexpr std::array<std::uint16_t, 6> kValues{0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff};
    const std::uint16_t value = kValues[below(kValues.size())];
    const std::size_t at = below(std::min<std::size_t>(file.size() - 1, 200));
    file[at] = static_cast<std::uint8_t>(value >> 8);
    file[at + 1] = static_cast<std::uint8_t>(value);
  }

  std::mt19937_64 random_{20261121};
};

}  // namespace

TEST_CASE("10,000 truncated and mutated pictures decode to the size they announce or give a clear error") {
  std::vector<Bytes> files = test::small_jpeg_files();
  for (Bytes& file : test::small_png_files()) files.push_back(std::move(file));
  Mutator mutator;
  PictureDecoder decoder;
  Picture picture;
  int decoded = 0, refused = 0;
  for (std::size_t i = 0; i < 10'000; ++i) {
    const Bytes file = mutator.mutate(files[i % files.size()]);
    CAPTURE(i);
    const auto announced = decoder.probe(file);
    const auto size = decoder.decode(file, picture);
    if (size) {
      ++decoded;
      REQUIRE(announced);
      REQUIRE(*size == announced->size);
      REQUIRE(picture.size() == *size);
    } else {
      ++refused;
      REQUIRE(!size.error().what.empty());
      REQUIRE(!size.error().message().empty());
      REQUIRE(size.error().code != Errc::internal);
    }
    const auto luma = decoder.decode_luma(file, picture, 8);
    REQUIRE(luma.has_value() == size.has_value());
  }
  for (const Bytes& file : files) CHECK(decoder.decode(file, picture));
  // Both happen often, or the mutations are no test.
  CHECK(decoded > 500);
  CHECK(refused > 5000);
}

}  // namespace perch::image
