#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "scenes/core/vec.hpp"

namespace perch::scenes {

/// A flat picture in linear light that shapes are painted on, measured in its own units (a meter's face: millimetres).
/// A shape is a signed distance: negative inside, in units; its edge is smooth. @thread one at a time
class Canvas {
 public:
  Canvas() = default;

  Canvas(float wide, float high, float pixels_per_unit)
      : width_(static_cast<int>(std::ceil(wide * pixels_per_unit))),
        height_(static_cast<int>(std::ceil(high * pixels_per_unit))),
        scale_(pixels_per_unit),
        pixels_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {}

  int width() const { return width_; }

  int height() const { return height_; }

  float scale() const { return scale_; }

  Rgb& at(int x, int y) {
    return pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)];
  }

  const Rgb& at(int x, int y) const {
    return pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)];
  }

  /// Calls `paint(position, pixel)` for each pixel whose middle lies between two corners.
  template <class Paint>
  void each(Vec2 from, Vec2 to, const Paint& paint) {
    const int left = std::max(0, static_cast<int>(std::floor(from.x * scale_)));
    const int right = std::min(width_, static_cast<int>(std::ceil(to.x * scale_)));
    const int top = std::max(0, static_cast<int>(std::floor(from.y * scale_)));
    const int bottom = std::min(height_, static_cast<int>(std::ceil(to.y * scale_)));
    for (int y = top; y < bottom; ++y)
      for (int x = left; x < right; ++x)
        paint(Vec2{(static_cast<float>(x) + 0.5F) / scale_, (static_cast<float>(y) + 0.5F) / scale_}, at(x, y));
  }

  /// Fills a shape within two corners: `distance(position) → float`.
  template <class Distance>
  void fill(Vec2 from, Vec2 to, const Distance& distance, Rgb colour, float opacity = 1) {
    each(from, to, [&](Vec2 p, Rgb& pixel) {
      const float cover = std::clamp(0.5F - distance(p) * scale_, 0.0F, 1.0F);
      if (cover > 0) pixel = mix(pixel, colour, cover * opacity);
    });
  }

  /// A rectangle with rounded corners.
  void box(Vec2 from, Vec2 to, float round, Rgb colour, float opacity = 1) {
    const Vec2 middle = (from + to) * 0.5F, half = (to - from) * 0.5F;
    fill(
        from - Vec2{1, 1}, to + Vec2{1, 1}, [&](Vec2 p) { return box_distance(p - middle, half, round); }, colour,
        opacity);
  }

  /// A disc, or a ring of that thickness.
  void disc(Vec2 middle, float radius, Rgb colour, float opacity = 1, float thickness = 0) {
    const Vec2 reach{radius + 1, radius + 1};
    fill(
        middle - reach, middle + reach,
        [&](Vec2 p) {
          const float d = length(p - middle) - radius;
          return thickness > 0 ? std::abs(d + thickness / 2) - thickness / 2 : d;
        },
        colour, opacity);
  }

  /// A line with round ends.
  void line(Vec2 from, Vec2 to, float thickness, Rgb colour, float opacity = 1) {
    const Vec2 reach{thickness, thickness};
    const Vec2 low{std::min(from.x, to.x), std::min(from.y, to.y)},
        high{std::max(from.x, to.x), std::max(from.y, to.y)};
    fill(
        low - reach, high + reach, [&](Vec2 p) { return segment_distance(p, from, to) - thickness / 2; }, colour,
        opacity);
  }

  /// Between pixels; beyond the edge: the edge. In units.
  Rgb sample(Vec2 p) const {
    const float x = std::clamp(p.x * scale_ - 0.5F, 0.0F, static_cast<float>(width_) - 1.001F);
    const float y = std::clamp(p.y * scale_ - 0.5F, 0.0F, static_cast<float>(height_) - 1.001F);
    const int ix = static_cast<int>(x), iy = static_cast<int>(y);
    const float u = x - static_cast<float>(ix), v = y - static_cast<float>(iy);
    return mix(mix(at(ix, iy), at(ix + 1, iy), u), mix(at(ix, iy + 1), at(ix + 1, iy + 1), u), v);
  }

  static float box_distance(Vec2 p, Vec2 half, float round) {
    const Vec2 d{std::abs(p.x) - half.x + round, std::abs(p.y) - half.y + round};
    return length(Vec2{std::max(d.x, 0.0F), std::max(d.y, 0.0F)}) + std::min(std::max(d.x, d.y), 0.0F) - round;
  }

  static float segment_distance(Vec2 p, Vec2 a, Vec2 b) {
    const Vec2 d = b - a, to = p - a;
    const float t = std::clamp(dot(to, d) / std::max(dot(d, d), 1e-9F), 0.0F, 1.0F);
    return length(to - d * t);
  }

 private:
  int width_ = 0;
  int height_ = 0;
  float scale_ = 1;
  std::vector<Rgb> pixels_;
};

}  // namespace perch::scenes
