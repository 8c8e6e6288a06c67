#include "scenes/core/rain.hpp"

#include <algorithm>

#include "scenes/core/tone.hpp"

namespace perch::scenes {

namespace {

void blend(std::uint8_t* pixel, Rgb to, float share) {
  const float channel[3] = {to.x, to.y, to.z};
  for (int c = 0; c < 3; ++c) {
    const float byte = static_cast<float>(pixel[c]);
    pixel[c] = static_cast<std::uint8_t>(std::clamp(byte + (channel[c] - byte) * share, 0.0F, 255.0F));
  }
}

}  // namespace

void draw_rain(image::Picture& picture, Random random, Rgb light, float strength) {
  const float scale = static_cast<float>(picture.width()) / 1280;
  const float slope = random.of(1).between(-0.25F, 0.25F);
  const int streaks = static_cast<int>(700 * strength);
  for (int i = 0; i < streaks; ++i) {
    const float near = random.uniform();
    const float length = (6 + 34 * near * near) * scale;
    const float share = random.between(0.05F, 0.22F) * (0.5F + 0.5F * near);
    float x = random.between(0, static_cast<float>(picture.width()));
    float y = random.between(-length, static_cast<float>(picture.height()));
    for (int step = 0; step < static_cast<int>(length); ++step, y += 1, x += slope) {
      const int ix = static_cast<int>(x), iy = static_cast<int>(y);
      if (ix < 0 || iy < 0 || ix + 1 >= picture.width() || iy >= picture.height()) continue;
      const float right = x - static_cast<float>(ix);
      blend(picture.at(ix, iy), light, share * (1 - right));
      blend(picture.at(ix + 1, iy), light, share * right);
    }
  }
}

void draw_drops(image::Picture& picture, Random random, int count) {
  const float scale = static_cast<float>(picture.width()) / 1280;
  image::Picture patch;
  for (int i = 0; i < count; ++i) {
    const int r = std::max(3, static_cast<int>(random.between(7, 26) * scale));
    const int cx = random.integer(0, picture.width() - 1), cy = random.integer(0, picture.height() - 1);
    patch.reset(2 * r + 1, 2 * r + 1);
    const float zoom = random.between(2.5F, 5);
    for (int y = -r; y <= r; ++y)
      for (int x = -r; x <= r; ++x) {
        const int sx = std::clamp(cx - static_cast<int>(static_cast<float>(x) * zoom), 0, picture.width() - 1);
        const int sy = std::clamp(cy - static_cast<int>(static_cast<float>(y) * zoom), 0, picture.height() - 1);
        std::copy_n(picture.at(sx, sy), 3, patch.at(x + r, y + r));
      }
    for (int y = -r; y <= r; ++y)
      for (int x = -r; x <= r; ++x) {
        if (cx + x < 0 || cy + y < 0 || cx + x >= picture.width() || cy + y >= picture.height()) continue;
        const float away = std::sqrt(static_cast<float>(x * x + y * y)) / static_cast<float>(r);
        const std::uint8_t* p = patch.at(x + r, y + r);
        const Rgb seen{static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2])};
        const float edge = 1 - 0.35F * smoothstep(0.55F, 0.95F, away);
        blend(picture.at(cx + x, cy + y), seen * edge, 0.75F * smoothstep(1.0F, 0.7F, away));
      }
  }
}

void draw_halo(image::Picture& picture, Vec2 at_px, float radius_px, Rgb light) {
  const int left = std::max(0, static_cast<int>(at_px.x - radius_px));
  const int right = std::min(picture.width() - 1, static_cast<int>(at_px.x + radius_px));
  const int top = std::max(0, static_cast<int>(at_px.y - radius_px));
  const int bottom = std::min(picture.height() - 1, static_cast<int>(at_px.y + radius_px));
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) {
      const float away = length(Vec2{static_cast<float>(x), static_cast<float>(y)} - at_px) / radius_px;
      if (away >= 1) continue;
      const float strength = (1 - away) * (1 - away) * (0.25F + 0.05F / (0.03F + away * away * 4));
      const float add[3] = {light.x, light.y, light.z};
      std::uint8_t* p = picture.at(x, y);
      for (int c = 0; c < 3; ++c) p[c] = tone_byte(tone_light(p[c]) + add[c] * strength);
    }
}

}  // namespace perch::scenes
