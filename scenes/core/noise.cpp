#include "scenes/core/noise.hpp"

#include <algorithm>
#include <array>

#include "base/clones.hpp"

namespace perch::scenes {

namespace {

/// A number of -1..1 for a corner of the lattice.
float at_corner(std::uint32_t h) {
  h = (h ^ (h >> 15U)) * 0x2c1b3c6dU;
  h = (h ^ (h >> 12U)) * 0x297a2d39U;
  h ^= h >> 15U;
  return static_cast<float>(static_cast<std::int32_t>(h >> 8U)) * (2.0F / 0x1p24F) - 1.0F;
}

/// The whole number below: std::floor is a call of a function where the processor's instruction may not be used.
std::int32_t floor_of(float x) {
  const auto towards_zero = static_cast<std::int32_t>(x);
  return towards_zero - static_cast<std::int32_t>(static_cast<float>(towards_zero) > x);
}

[[gnu::always_inline]] inline float noise_at(float x, float y, std::uint32_t seed) {
  const std::int32_t ix = floor_of(x), iy = floor_of(y);
  float u = x - static_cast<float>(ix), v = y - static_cast<float>(iy);
  u = u * u * (3 - 2 * u);
  v = v * v * (3 - 2 * v);
  const std::uint32_t left = static_cast<std::uint32_t>(ix) * 0x85ebca6bU, right = left + 0x85ebca6bU;
  const std::uint32_t y0 = static_cast<std::uint32_t>(iy) * 0xc2b2ae35U;
  const std::uint32_t above = y0 ^ seed, below = (y0 + 0xc2b2ae35U) ^ seed;
  const float a = at_corner(left ^ above), b = at_corner(right ^ above);
  const float c = at_corner(left ^ below), d = at_corner(right ^ below);
  const float top = a + (b - a) * u, bottom = c + (d - c) * u;
  return top + (bottom - top) * v;
}

/// The sizes of one place are looked at together, each in a lane of a vector, whether or not all are needed.
template <int Lanes>
[[gnu::always_inline]] inline float sum_in_lanes(int octaves, float x, float y, std::uint32_t seed, float gain) {
  std::array<float, Lanes> xs{}, ys{}, noise{};
  for (std::size_t i = 0; i < Lanes; ++i) {
    xs[i] = x;
    ys[i] = y;
    // Turned a little each time, so that the lattices do not show.
    const float turned = 1.6F * x + 1.2F * y;
    y = 1.6F * y - 1.2F * x;
    x = turned;
  }
  for (std::size_t i = 0; i < Lanes; ++i)
    noise[i] = noise_at(xs[i], ys[i], seed + static_cast<std::uint32_t>(i) * 0x9e3779b9U);
  float sum = 0, strength = 1;
  for (int i = 0; i < octaves; ++i) {
    sum += strength * noise[static_cast<std::size_t>(i)];
    strength *= gain;
  }
  return sum;
}

constexpr int kFewOctaves = 4;

PERCH_CLONES float sum_of_few(int octaves, float x, float y, std::uint32_t seed, float gain) {
  return sum_in_lanes<kFewOctaves>(octaves, x, y, seed, gain);
}

PERCH_CLONES float sum_of_many(int octaves, float x, float y, std::uint32_t seed, float gain) {
  return sum_in_lanes<kMostOctaves>(octaves, x, y, seed, gain);
}

}  // namespace

float value_noise(float x, float y, std::uint32_t seed) {
  return noise_at(x, y, seed);
}

float fractal_noise(float x, float y, std::uint32_t seed, int octaves, float smallest, float gain) {
  int count = 0;
  for (float size = 1; count < std::min(octaves, kMostOctaves) && size > smallest; ++count) size *= 0.5F;
  if (count == 0) return 0;
  if (count == 1) return noise_at(x, y, seed);
  return count <= kFewOctaves ? sum_of_few(count, x, y, seed, gain) : sum_of_many(count, x, y, seed, gain);
}

}  // namespace perch::scenes
