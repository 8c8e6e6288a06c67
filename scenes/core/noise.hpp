#pragma once
#include <cstdint>

namespace perch::scenes {

/// Smooth noise over the plane, -1..1, with features of size 1. @thread any
float value_noise(float x, float y, std::uint32_t seed);

/// The most sizes that `fractal_noise` has.
inline constexpr int kMostOctaves = 8;

/// Noise of several sizes: the first of size 1, each further one half as large and `gain` as strong; about -1..1.
/// Sizes below `smallest` are left out, so that what a pixel covers is not aliased. @thread any
float fractal_noise(float x, float y, std::uint32_t seed, int octaves, float smallest = 0, float gain = 0.5F);

}  // namespace perch::scenes
