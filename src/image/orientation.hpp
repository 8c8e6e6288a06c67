#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "image/picture.hpp"

namespace perch::image {

/// How a picture has to be turned to stand upright, with the numbers of EXIF: a camera that is held on its side stores
/// what its sensor saw, and says so. Source: EXIF 2.32 (CIPA DC-008), 4.6.4, tag 0x0112.
enum class Orientation : std::uint8_t {
  upright = 1,
  mirrored = 2,
  half_turn = 3,
  upside_down_mirrored = 4,  ///< rows from bottom to top
  transposed = 5,            ///< rows and columns changed
  clockwise = 6,             ///< by a quarter
  transposed_back = 7,       ///< rows and columns changed, about the other diagonal
  anticlockwise = 8          ///< by a quarter
};

/// Whether width and height change places.
constexpr bool changes_sides(Orientation orientation) {
  return orientation >= Orientation::transposed;
}

/// The size, upright, of a picture that is stored with another; and back.
constexpr Size turned(Size size, Orientation orientation) {
  return changes_sides(orientation) ? Size{size.height, size.width} : size;
}

/// Whether a JPEG's segment of marker APP1, without marker and length, is EXIF; others begin with other names.
bool is_exif(ByteView segment);

/// What an Exif segment says, or upright: where it is none, or says nothing, or nothing that makes sense.
/// @param segment  may be cut short. Outside bytes
Orientation exif_orientation(ByteView segment);

/// The same of the TIFF file that EXIF is, which stands by itself in a PNG. @param tiff  may be cut short. Outside
/// bytes
Orientation tiff_orientation(ByteView tiff);

/// Turns a stored picture upright. `out` keeps its memory. @pre another picture than `stored`
void turn_upright(const Picture& stored, Orientation orientation, Picture& out);

}  // namespace perch::image
