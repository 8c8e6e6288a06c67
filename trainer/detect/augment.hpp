#pragma once
#include <vector>

#include "base/geometry.hpp"
#include "image/picture.hpp"
#include "scenes/core/random.hpp"

/// What a camera, the weather and the light could have done to a picture.
namespace perch::trainer {

/// A part of a picture to look at instead of the whole, of about its shape: between two thirds of its sides and a
/// little more than all of it. @pre sides of at least 1 px
Box random_view(image::Size picture, scenes::Random& random);

/// Compresses a picture once more, badly. A picture that cannot be compressed stays as it is.
void recompress(image::Picture& picture, scenes::Random& random);

/// Changes light, contrast, colour, sharpness and noise of a picture [3,height,width] with values 0..1, in place.
void disturb(std::vector<float>& picture, int width, int height, scenes::Random& random);

/// Left becomes right, in place.
void mirror(std::vector<float>& picture, int width, int height);

}  // namespace perch::trainer
