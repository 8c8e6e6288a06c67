#include "scenes/core/noise.hpp"

#include <cmath>

namespace perch::scenes {

namespace {

float lattice(std::int32_t x, std::int32_t y, std::uint32_t seed) {
  std::uint32_t h = static_cast<std::uint32_t>(x) * 0x85ebca6bU ^ static_cast<std::uint32_t>(y) * 0xc2b2ae35U ^ seed;
  h = (h ^ (h >> 15U)) * 0x2c1b3c6dU;
  h = (h ^ (h >> 12U)) * 0x297a2d39U;
  h ^= h >> 15U;
  return static_cast<float>(h >> 8U) * (2.0F / 0x1p24F) - 1.0F;
}

}  // namespace

float value_noise(float x, float y, std::uint32_t seed) {
  const float fx = std::floor(x), fy = std::floor(y);
  const auto ix = static_cast<std::int32_t>(fx), iy = static_cast<std::int32_t>(fy);
  float u = x - fx, v = y - fy;
  u = u * u * (3 - 2 * u);
  v = v * v * (3 - 2 * v);
  const float a = lattice(ix, iy, seed), b = lattice(ix + 1, iy, seed);
  const float c = lattice(ix, iy + 1, seed), d = lattice(ix + 1, iy + 1, seed);
  const float top = a + (b - a) * u, bottom = c + (d - c) * u;
  return top + (bottom - top) * v;
}

float fractal_noise(float x, float y, std::uint32_t seed, int octaves, float smallest, float gain) {
  float sum = 0, strength = 1, size = 1;
  for (int i = 0; i < octaves && size > smallest; ++i) {
    sum += strength * value_noise(x, y, seed + static_cast<std::uint32_t>(i) * 0x9e3779b9U);
    // Turned a little each time, so that the lattices do not show.
    const float turned = 1.6F * x + 1.2F * y;
    y = 1.6F * y - 1.2F * x;
    x = turned;
    strength *= gain;
    size *= 0.5F;
  }
  return sum;
}

}  // namespace perch::scenes
