#pragma once
#include <algorithm>
#include <array>
#include <cmath>

namespace perch {

/// A point in pixels. (0, 0) is the top left corner of the top left pixel, so pixel centres lie at half steps.
struct Point {
  float x = 0;
  float y = 0;
  bool operator==(const Point&) const = default;
};

/// An axis-aligned box in pixels: top left corner and size.
struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  float right() const { return x + width; }

  float bottom() const { return y + height; }

  float area() const { return std::max(0.0F, width) * std::max(0.0F, height); }

  Point center() const { return {x + width / 2, y + height / 2}; }

  bool operator==(const Box&) const = default;

  static Box from_corners(float left, float top, float right, float bottom) {
    return {left, top, right - left, bottom - top};
  }
};

/// Four corners in pixels, in the order top left, top right, bottom right, bottom left of what they frame. A camera
/// that sees a meter askew gives a quadrilateral that is no rectangle.
struct Quad {
  std::array<Point, 4> corners;

  static Quad from_box(const Box& b) {
    return {{{{b.x, b.y}, {b.right(), b.y}, {b.right(), b.bottom()}, {b.x, b.bottom()}}}};
  }

  /// The smallest box around the corners.
  Box bounds() const {
    float left = corners[0].x, right = left, top = corners[0].y, bottom = top;
    for (const Point& p : corners) {
      left = std::min(left, p.x);
      right = std::max(right, p.x);
      top = std::min(top, p.y);
      bottom = std::max(bottom, p.y);
    }
    return Box::from_corners(left, top, right, bottom);
  }

  /// Whether the quadrilateral is an upright rectangle, for which no perspective has to be undone.
  bool is_box() const {
    return corners[0].x == corners[3].x && corners[1].x == corners[2].x && corners[0].y == corners[1].y &&
           corners[3].y == corners[2].y && corners[0].x < corners[1].x && corners[0].y < corners[3].y;
  }

  bool operator==(const Quad&) const = default;
};

/// The part of `a` that lies inside `b`; width and height 0 when they do not meet.
inline Box intersection(const Box& a, const Box& b) {
  const float left = std::max(a.x, b.x), top = std::max(a.y, b.y);
  return {left, top, std::max(0.0F, std::min(a.right(), b.right()) - left),
          std::max(0.0F, std::min(a.bottom(), b.bottom()) - top)};
}

/// Intersection over union, 0..1.
inline float iou(const Box& a, const Box& b) {
  const float common = intersection(a, b).area();
  const float all = a.area() + b.area() - common;
  return all > 0 ? common / all : 0;
}

}  // namespace perch
