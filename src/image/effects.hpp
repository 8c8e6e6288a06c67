#pragma once
#include <cstdint>

#include "image/picture.hpp"

/// What happens to the view of a camera. Pure: the same picture and number give the same result. @thread any
namespace perch::image {

/// Nearly black, with a little of the sensor's noise.
void darken(Picture& picture, std::uint64_t number);
/// A hand or a leaf before the lens: one dull colour with soft light, and noise.
void cover(Picture& picture, std::uint64_t number);
/// Far out of focus: a box blur, three times, a twenty-fifth of the width wide.
void blur(Picture& picture);
/// @param light  1 to 255
void brighten(Picture& picture, int light);
/// The same scene from a camera that was turned by a fifth of its view; what it did not see before is its edge,
/// repeated.
Picture shifted(const Picture& picture);
/// By the mean of the pixels that each new one covers; larger sizes by the nearest.
Picture resized(const Picture& picture, Size size);

}  // namespace perch::image
