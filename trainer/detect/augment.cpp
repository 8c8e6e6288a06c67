#include "detect/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "image/codec.hpp"

namespace perch::trainer {

namespace {

constexpr int kChannels = 3;
constexpr std::size_t kNoiseValues = 4096;

/// Normal noise, made once: drawing it anew for each pixel would cost more than everything else.
const std::array<float, kNoiseValues>& noise_table() {
  static const std::array<float, kNoiseValues> table = [] {
    std::array<float, kNoiseValues> values{};
    scenes::Random random(1);
    for (float& value : values) value = random.normal();
    return values;
  }();
  return table;
}

void add_noise(std::vector<float>& picture, float strength, scenes::Random& random) {
  const auto& table = noise_table();
  std::size_t at = 0;
  for (std::size_t i = 0; i < picture.size(); ++i) {
    if (i % 64 == 0) at = random.bits() % kNoiseValues;
    picture[i] += strength * table[(at + i) % kNoiseValues];
  }
}

/// A weighted mean of each pixel with its neighbours, along one axis.
void blur(std::vector<float>& picture, int width, int height, float neighbour, bool along_x) {
  const std::ptrdiff_t apart = along_x ? 1 : width;
  const float middle = 1 - 2 * neighbour;
  for (int c = 0; c < kChannels; ++c) {
    float* plane = picture.data() + static_cast<std::ptrdiff_t>(c) * width * height;
    for (int line = 0; line < (along_x ? height : width); ++line) {
      float* p = plane + (along_x ? static_cast<std::ptrdiff_t>(line) * width : line);
      const int count = along_x ? width : height;
      float before = p[0];
      for (int i = 0; i < count; ++i, p += apart) {
        const float after = i + 1 < count ? p[apart] : *p, now = *p;
        *p = middle * now + neighbour * (before + after);
        before = now;
      }
    }
  }
}

/// Light, contrast, colour and tone, channel by channel.
void change_light(std::vector<float>& picture, std::size_t plane, scenes::Random& random) {
  const float gain = std::exp(random.between(-0.5F, 0.4F)), gamma = std::exp(random.between(-0.25F, 0.25F));
  const float lift = random.between(-0.05F, 0.05F), colour = random.chance(0.15F) ? 0 : random.between(0.5F, 1.3F);
  std::array<float, kChannels> tint{};
  for (float& t : tint) t = gain * std::exp(random.between(-0.1F, 0.1F));
  const bool bend = random.chance(0.5F);
  for (std::size_t i = 0; i < plane; ++i) {
    float* r = &picture[i];
    float *g = r + plane, *b = g + plane;
    const float grey = 0.299F * *r + 0.587F * *g + 0.114F * *b;
    int channel = 0;
    for (float* value : {r, g, b}) {
      const float v =
          std::max(0.0F, (grey + colour * (*value - grey)) * tint[static_cast<std::size_t>(channel++)] + lift);
      *value = bend ? std::pow(v, gamma) : v;
    }
  }
}

}  // namespace

Box random_view(image::Size picture, scenes::Random& random) {
  const auto w = static_cast<float>(picture.width), h = static_cast<float>(picture.height);
  const float side = random.between(0.7F, 1.12F), shape = std::exp(random.between(-0.12F, 0.12F));
  const float view_w = w * side * shape, view_h = h * side / shape;
  const auto place = [&](float whole, float view) {
    const float room = whole - view;
    const float over = 0.04F * whole;  // what lies outside repeats the edge
    return random.between(std::min(0.0F, room) - over, std::max(0.0F, room) + over);
  };
  return {place(w, view_w), place(h, view_h), view_w, view_h};
}

void recompress(image::Picture& picture, scenes::Random& random) {
  const auto bytes = image::encode_jpeg(picture.view(), random.integer(25, 70));
  if (!bytes) return;
  image::PictureDecoder decoder;
  image::Picture again;
  if (decoder.decode(*bytes, again)) picture = std::move(again);
}

void disturb(std::vector<float>& picture, int width, int height, scenes::Random& random) {
  if (random.chance(0.8F))
    change_light(picture, static_cast<std::size_t>(width) * static_cast<std::size_t>(height), random);
  if (random.chance(0.3F)) {
    const float neighbour = random.between(0.05F, 0.3F);
    if (random.chance(0.8F)) blur(picture, width, height, neighbour, true);
    if (random.chance(0.8F)) blur(picture, width, height, neighbour, false);
  }
  if (random.chance(0.4F)) add_noise(picture, random.between(0.005F, 0.04F), random);
  for (float& value : picture) value = std::clamp(value, 0.0F, 1.0F);
}

void mirror(std::vector<float>& picture, int width, int height) {
  for (std::ptrdiff_t row = 0; row < std::ptrdiff_t{kChannels} * height; ++row)
    std::reverse(picture.begin() + row * width, picture.begin() + (row + 1) * width);
}

}  // namespace perch::trainer
