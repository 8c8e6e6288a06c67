#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "scenes/core/vec.hpp"

namespace perch::scenes {

/// How a camera turns light into a byte: the usual curve of displays with a soft shoulder instead of a hard white.
/// @param light  linear, 1 is a white surface in full light
std::uint8_t tone_byte(float light);

/// Three bytes, red in the lowest.
inline std::uint32_t tone_bytes(Rgb light) {
  return static_cast<std::uint32_t>(tone_byte(light.x)) | static_cast<std::uint32_t>(tone_byte(light.y)) << 8U |
         static_cast<std::uint32_t>(tone_byte(light.z)) << 16U;
}

/// The linear light of a byte.
float tone_light(std::uint8_t byte);

/// What bytes are multiplied with (in 256ths) when their light is multiplied with `factor`.
inline std::uint32_t tone_scale(float factor) {
  return static_cast<std::uint32_t>(256 * std::pow(std::max(factor, 0.0F), 1 / 2.2F));
}

/// A colour times a scale of `tone_scale`; the top byte stays.
inline std::uint32_t scaled(std::uint32_t colour, std::uint32_t scale) {
  const auto byte = [&](unsigned shift) {
    return std::min<std::uint32_t>(255, (colour >> shift & 0xffU) * scale >> 8U) << shift;
  };
  return byte(0) | byte(8) | byte(16) | (colour & 0xff000000U);
}

}  // namespace perch::scenes
