#pragma once
#include <algorithm>
#include <cstdint>
#include <random>

#include "image/picture.hpp"

/// What happens to cameras, done to pictures of 1 channel.
namespace perch::test {

/// The part of a picture that a camera sees that has been turned by (dx, dy) pixels; `margin` pixels are left out on
/// each side, so that there is something to turn to.
inline image::Picture turned(const image::Picture& from, int margin, int dx, int dy) {
  image::Picture out(from.width() - 2 * margin, from.height() - 2 * margin, 1);
  for (int y = 0; y < out.height(); ++y)
    for (int x = 0; x < out.width(); ++x) *out.at(x, y) = *from.at(x + margin + dx, y + margin + dy);
  return out;
}

/// Out of focus: the mean of a square of 2 · radius + 1 pixels, twice.
inline image::Picture blurred(image::Picture picture, int radius) {
  for (int pass = 0; pass < 2; ++pass) {
    const image::Picture from = picture;
    for (int y = 0; y < from.height(); ++y)
      for (int x = 0; x < from.width(); ++x) {
        int sum = 0, count = 0;
        for (int v = std::max(y - radius, 0); v <= std::min(y + radius, from.height() - 1); ++v)
          for (int u = std::max(x - radius, 0); u <= std::min(x + radius, from.width() - 1); ++u, ++count)
            sum += *from.at(u, v);
        *picture.at(x, y) = static_cast<std::uint8_t>(sum / count);
      }
  }
  return picture;
}

/// A cloth before the lens, which lets through a twentieth.
inline image::Picture covered(image::Picture picture, int level) {
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x)
      *picture.at(x, y) = static_cast<std::uint8_t>(std::clamp(level + (*picture.at(x, y) - 128) / 20, 0, 255));
  return picture;
}

/// Another brightness, and the noise of a sensor.
inline image::Picture lit(image::Picture picture, double factor, int noise, std::mt19937& random) {
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) {
      const int level = static_cast<int>(*picture.at(x, y) * factor) +
                        static_cast<int>(random() % static_cast<unsigned>(2 * noise + 1)) - noise;
      *picture.at(x, y) = static_cast<std::uint8_t>(std::clamp(level, 0, 255));
    }
  return picture;
}

}  // namespace perch::test
