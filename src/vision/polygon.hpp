#pragma once
#include <span>
#include <vector>

#include "base/geometry.hpp"

namespace perch::vision {

/// Corners in pixels, in order around; it closes by itself. At least three.
using Polygon = std::vector<Point>;

/// Whether a point lies inside, by the even-odd rule. Of two polygons that share an edge, a point on it lies in exactly
/// one. False for NaN and for fewer than three corners. @thread any
bool contains(std::span<const Point> polygon, Point point);

/// Area in px², whatever the sense of rotation; 0 for fewer than three corners. @thread any
float area(std::span<const Point> polygon);

/// The share of a box's area that lies inside a convex or simple polygon, 0..1; 0 for an empty box.
/// (Sutherland–Hodgman: the polygon is cut by the box's four sides.) @thread any
float share_inside(const Box& box, std::span<const Point> polygon);

}  // namespace perch::vision
