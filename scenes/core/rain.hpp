#pragma once
#include "image/picture.hpp"
#include "scenes/core/random.hpp"
#include "scenes/core/vec.hpp"

namespace perch::scenes {

/// Falling rain: streaks of light, new in every picture. @param light  bytes of their colour
void draw_rain(image::Picture& picture, Random random, Rgb light, float strength);

/// Drops that stick to the glass before the lens and turn the picture over.
void draw_drops(image::Picture& picture, Random random, int count);

/// The halo of a lamp that shines into the lens. @param light  linear, at its middle
void draw_halo(image::Picture& picture, Vec2 at_px, float radius_px, Rgb light);

}  // namespace perch::scenes
