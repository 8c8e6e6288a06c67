#pragma once
#include <random>

#include "image/picture.hpp"

/// What happens to cameras, done to pictures of 1 channel.
namespace perch::test {

/// The part of a picture that a camera sees that has been turned by (dx, dy) pixels; `margin` pixels are left out on
/// each side, so that there is something to turn to.
image::Picture turned(const image::Picture& from, int margin, int dx, int dy);

/// Out of focus: the mean of a square of 2 · radius + 1 pixels, twice.
image::Picture blurred(image::Picture picture, int radius);

/// A cloth before the lens, which lets through a twentieth.
image::Picture covered(image::Picture picture, int level);

/// Another brightness, and the noise of a sensor.
image::Picture lit(image::Picture picture, double factor, int noise, std::mt19937& random);

}  // namespace perch::test
