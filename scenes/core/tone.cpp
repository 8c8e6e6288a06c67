#include "scenes/core/tone.hpp"

#include <array>

namespace perch::scenes {

namespace {

constexpr int kSteps = 4096;
constexpr float kMost = 4;  ///< light from here on is white

/// Below the shoulder light passes unchanged; above it comes closer and closer to white.
float shoulder(float x) {
  constexpr float kFrom = 0.7F;
  return x <= kFrom ? x : kFrom + (1 - kFrom) * (1 - std::exp(-(x - kFrom) / (1 - kFrom)));
}

// Steps are even in the root of light, so that the dark ones are fine enough.
std::array<std::uint8_t, kSteps> make_curve() {
  std::array<std::uint8_t, kSteps> curve{};
  for (int i = 0; i < kSteps; ++i) {
    const float root = static_cast<float>(i) / (kSteps - 1);
    curve[static_cast<std::size_t>(i)] =
        static_cast<std::uint8_t>(std::lround(255 * std::pow(shoulder(root * root * kMost), 1 / 2.2F)));
  }
  return curve;
}

std::array<float, 256> make_light() {
  std::array<float, 256> light{};
  for (std::size_t i = 0; i < 256; ++i) light[i] = std::pow(static_cast<float>(i) / 255, 2.2F);
  return light;
}

}  // namespace

std::uint8_t tone_byte(float light) {
  static const std::array<std::uint8_t, kSteps> curve = make_curve();
  if (!(light > 0)) return 0;
  const float step = std::sqrt(light / kMost) * (kSteps - 1) + 0.5F;
  return curve[static_cast<std::size_t>(std::min(step, static_cast<float>(kSteps - 1)))];
}

float tone_light(std::uint8_t byte) {
  static const std::array<float, 256> light = make_light();
  return light[byte];
}

}  // namespace perch::scenes
