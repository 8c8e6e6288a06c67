#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"

/// JPEG and PNG files of kinds that the project reads but never writes, made without its own code.
namespace perch::test {

/// A smooth picture in colour, RGB, 0..255: what every file of this header shows, as far as its kind can.
std::array<int, 3> scene_colour(int x, int y);

/// The kinds of JPEG files.
struct JpegKind {
  enum class Colours : std::uint8_t { ycc, grey, rgb, cmyk_adobe, ycck_adobe } colours = Colours::ycc;
  bool progressive = false;
  bool arithmetic = false;
  int restart_rows = 0;  ///< a restart marker every so many rows of blocks
  int quality = 95;
  int across = 0, down = 0;  ///< luma's sampling factors, the colours' being 1; 0: 2 and 2
  bool optimised = false;    ///< Huffman tables made for this picture
};

Bytes jpeg_file(int width, int height, const JpegKind& kind = {});

/// A JPEG with an Exif segment before all others that says how to turn it, in either byte order.
Bytes with_exif_orientation(const Bytes& jpeg, std::uint16_t orientation, bool little_endian = false);

/// What EXIF is: a TIFF file, here with an orientation alone.
Bytes tiff_with_orientation(std::uint16_t orientation, bool little_endian = false);

/// A PNG with that as its EXIF.
Bytes with_png_exif(const Bytes& png, const Bytes& exif);

/// What libjpeg makes of a file's luma at an eighth, row by row; empty where it finds the least thing to say about the
/// file. Made without our own code, to compare with.
struct Luma {
  int width = 0, height = 0;
  Bytes pixels;
};

Luma luma_eighth(const Bytes& jpeg);

/// The kinds of PNG files: colour type and bit depth as the specification numbers them.
struct PngKind {
  int colour_type = 2;  ///< 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  int bits = 8;         ///< a sample: 1, 2, 4, 8, 16
  bool interlaced = false;
  bool transparent = false;  ///< a tRNS chunk: palette entries or one colour that are not opaque
};

Bytes png_file(int width, int height, const PngKind& kind = {});

/// The colour that a correct decoder gives for a pixel of `png_file`, with what is transparent over black.
std::array<int, 3> png_colour(int x, int y, const PngKind& kind);

/// A PNG that consists of a head announcing this size, and nothing else.
Bytes png_head(std::uint32_t width, std::uint32_t height);

/// A few small files of every kind: what mutation tests and fuzzers start from.
std::vector<Bytes> small_jpeg_files();
std::vector<Bytes> small_png_files();

}  // namespace perch::test
