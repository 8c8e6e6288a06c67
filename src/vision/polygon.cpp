#include "vision/polygon.hpp"

#include <algorithm>
#include <cmath>

namespace perch::vision {

namespace {

/// Keeps the part of a polygon where `inside(p) >= 0`, with `inside` linear.
template <class Inside>
Polygon cut(std::span<const Point> polygon, Inside inside) {
  Polygon kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i], b = polygon[(i + 1) % polygon.size()];
    const float at_a = inside(a), at_b = inside(b);
    if (at_a >= 0) kept.push_back(a);
    if ((at_a >= 0) != (at_b >= 0)) {
      const float t = at_a / (at_a - at_b);
      kept.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
    }
  }
  return kept;
}

}  // namespace

bool contains(std::span<const Point> polygon, Point point) {
  if (polygon.size() < 3) return false;
  bool inside = false;
  Point previous = polygon.back();
  for (const Point corner : polygon) {
    if ((corner.y > point.y) != (previous.y > point.y)) {
      const float x = corner.x + (point.y - corner.y) / (previous.y - corner.y) * (previous.x - corner.x);
      if (point.x < x) inside = !inside;
    }
    previous = corner;
  }
  return inside;
}

float area(std::span<const Point> polygon) {
  double twice = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i], b = polygon[(i + 1) % polygon.size()];
    twice += double{a.x} * b.y - double{b.x} * a.y;
  }
  return polygon.size() < 3 ? 0 : static_cast<float>(std::abs(twice) / 2);
}

float share_inside(const Box& box, std::span<const Point> polygon) {
  if (!(box.area() > 0) || polygon.size() < 3) return 0;
  Polygon part = cut(polygon, [&](Point p) { return p.x - box.x; });
  part = cut(part, [&](Point p) { return box.right() - p.x; });
  part = cut(part, [&](Point p) { return p.y - box.y; });
  part = cut(part, [&](Point p) { return box.bottom() - p.y; });
  return std::min(1.0F, area(part) / box.area());
}

}  // namespace perch::vision
