#include "support/motion_scene.hpp"

#include <algorithm>
#include <cmath>

#include "support/unwatched.hpp"

namespace perch::test {

namespace {

/// How much of a pixel's extent from `at` to `at + 1` lies between two places.
PERCH_UNWATCHED float cover(float begin, float end, int at) {
  const float from = begin > static_cast<float>(at) ? begin : static_cast<float>(at);
  const float to = end < static_cast<float>(at + 1) ? end : static_cast<float>(at + 1);
  return to > from ? to - from : 0;
}

}  // namespace

Scene::Scene(unsigned seed) : random_(seed), view_(static_cast<std::size_t>(kWidth * kHeight)), noise_(1U << 16U) {
  std::normal_distribution<float> normal;
  for (float& n : noise_) n = normal(random_);
  std::uniform_real_distribution<float> uniform;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      at(x, y) = 70 + 0.2F * static_cast<float>(x) + 20 * std::sin(static_cast<float>(y) / 23);
  for (int i = 0; i < 40; ++i) {
    const int left = static_cast<int>(uniform(random_) * 300), top = static_cast<int>(uniform(random_) * 160);
    const int width = 4 + static_cast<int>(uniform(random_) * 40), height = 4 + static_cast<int>(uniform(random_) * 30);
    const float shade = uniform(random_) * 120 - 60;
    for (int y = top; y < std::min(top + height, kHeight); ++y)
      for (int x = left; x < std::min(left + width, kWidth); ++x) at(x, y) = std::clamp(at(x, y) + shade, 10.F, 215.F);
  }
}

void Scene::light_a_lamp() {
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      at(x, y) = std::min(250.F, at(x, y) * (1 + 1.5F * std::exp(-static_cast<float>(x) / 150)) + 20);
}

PERCH_UNWATCHED const Picture& Scene::take() {
  float line[kWidth];
  for (int y = 0; y < kHeight; ++y) {
    const float band = banding * std::sin(static_cast<float>(y) / 20 + band_phase);
    const std::size_t from = random_() % (noise_.size() - kWidth);
    const float *view = &at(0, y), *noise = &noise_[from];
    for (int x = 0; x < kWidth; ++x) line[x] = view[x];
    for (const Block& b : blocks)
      if (const float part = cover(b.where.y, b.where.bottom(), y); part > 0)
        for (int x = 0; x < kWidth; ++x) line[x] += b.contrast * (cover(b.where.x, b.where.right(), x) * part);
    std::uint8_t* pixel = picture_.row(y);
    for (int x = 0; x < kWidth; ++x) {
      const float value = line[x] * gain + offset + band + sigma * noise[x];
      const float level = value < 0 ? 0 : value > 255 ? 255 : value;
      pixel[x] = static_cast<std::uint8_t>(level + 0.5F);
    }
  }
  return picture_;
}

}  // namespace perch::test
