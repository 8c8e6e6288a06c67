#include "scenes/core/noise.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace perch::scenes;

namespace {

/// The noise as its contract says it, a size after the other.
float one_by_one(float x, float y, std::uint32_t seed, int octaves, float smallest, float gain) {
  float sum = 0, strength = 1, size = 1;
  for (int i = 0; i < octaves && size > smallest; ++i) {
    sum += strength * value_noise(x, y, seed + static_cast<std::uint32_t>(i) * 0x9e3779b9U);
    const float turned = 1.6F * x + 1.2F * y;
    y = 1.6F * y - 1.2F * x;
    x = turned;
    strength *= gain;
    size *= 0.5F;
  }
  return sum;
}

}  // namespace

TEST_CASE("sizes looked at together are those looked at one by one") {
  for (int octaves = 0; octaves <= kMostOctaves; ++octaves)
    for (int i = 0; i < 500; ++i) {
      const float x = std::sin(static_cast<float>(i) * 0.7F) * 90, y = std::cos(static_cast<float>(i) * 1.3F) * 40;
      const auto seed = static_cast<std::uint32_t>(i) * 977U;
      for (const float smallest : {0.0F, 0.1F, 0.3F, 2.0F})
        CHECK(fractal_noise(x, y, seed, octaves, smallest, 0.62F) ==
              doctest::Approx(one_by_one(x, y, seed, octaves, smallest, 0.62F)).epsilon(1e-6));
    }
}

TEST_CASE("noise has the same value at a corner from all sides, and stays between -1 and 1") {
  for (int i = -20; i < 20; ++i) {
    const auto corner = static_cast<float>(i);
    CHECK(value_noise(corner - 1e-4F, 0.5F, 7) == doctest::Approx(value_noise(corner + 1e-4F, 0.5F, 7)).epsilon(0.01));
    CHECK(value_noise(0.5F, corner - 1e-4F, 7) == doctest::Approx(value_noise(0.5F, corner + 1e-4F, 7)).epsilon(0.01));
    CHECK(std::abs(value_noise(corner * 0.37F, corner * 1.7F, 7)) <= 1);
  }
}
