#pragma once
#include "image/picture.hpp"

namespace perch::vision {

/// How bright a picture is, in levels 0..255.
struct LumaStats {
  float mean = 0;
  float low = 0;   ///< a hundredth of the picture is darker
  float high = 0;  ///< a hundredth of the picture is brighter
};

/// Brightness of a picture of 1 or 3 channels, from about 4,000 of its pixels. Zeros for an empty one. @thread any
LumaStats luma_stats(image::PictureView picture);

/// Luma (BT.601) of a picture that is already decoded, reduced by a whole number to the smallest that is no narrower
/// than `at_least_width`, at most to an eighth: as `PictureDecoder::decode_luma` gives of a JPEG. `out` keeps its
/// memory. @pre not empty @thread any
void reduce_to_luma(image::PictureView picture, int at_least_width, image::Picture& out);

}  // namespace perch::vision
