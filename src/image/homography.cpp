#include "image/homography.hpp"

#include <algorithm>
#include <cmath>

namespace perch::image {

namespace {

/// Twice the area of the thinnest corner's triangle may be this small a part of the square of the quad's extent.
constexpr double kThinnest = 1e-7;

Result<void> check(const Quad& quad) {
  double extent = 0;
  for (const Point& p : quad.corners) {
    if (!std::isfinite(p.x) || !std::isfinite(p.y)) return fail(Errc::invalid, "a corner is not a finite number");
    extent = std::max({extent, std::abs(double{p.x} - quad.corners[0].x), std::abs(double{p.y} - quad.corners[0].y)});
  }
  const double least = kThinnest * extent * extent;
  int turns_right = 0, turns_left = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point &a = quad.corners[i], &b = quad.corners[(i + 1) % 4], &c = quad.corners[(i + 2) % 4];
    const double turn = (double{b.x} - a.x) * (double{c.y} - b.y) - (double{b.y} - a.y) * (double{c.x} - b.x);
    turns_right += turn > least;
    turns_left += turn < -least;
  }
  if (turns_right == 4 || turns_left == 4) return {};
  if (turns_right + turns_left < 4)
    return fail(Errc::invalid, "the four corners bound no area", {}, "three of them lie on one line");
  if (turns_right == 2)
    return fail(Errc::invalid, "the edges between the four corners cross", {},
                "name them in order: top left, top right, bottom right, bottom left");
  return fail(Errc::invalid, "the four corners are not convex", {}, "no flat rectangle can look like this");
}

/// The unit square → a quad. Source: Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989, section 2.2.3.
Homography from_unit_square(const Quad& quad) {
  const auto& [a, b, c, d] = quad.corners;
  const double sx = double{a.x} - b.x + c.x - d.x, sy = double{a.y} - b.y + c.y - d.y;
  const double ux = double{b.x} - c.x, uy = double{b.y} - c.y, vx = double{d.x} - c.x, vy = double{d.y} - c.y;
  const double area = ux * vy - uy * vx;
  const double g = (sx * vy - sy * vx) / area, h = (ux * sy - uy * sx) / area;
  return {b.x - a.x + g * b.x, d.x - a.x + h * d.x, a.x, b.y - a.y + g * b.y, d.y - a.y + h * d.y, a.y, g, h, 1};
}

Homography adjugate(const Homography& m) {
  return {m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
          m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
          m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
}

/// h8 = 1 where that is possible.
Homography normalised(Homography m) {
  if (m[8] != 0)
    for (const double by = m[8]; double& value : m) value /= by;
  return m;
}

}  // namespace

Result<Homography> homography(const Quad& from, const Quad& to) {
  PERCH_CHECK(check(from));
  PERCH_CHECK(check(to));
  const Homography back = adjugate(from_unit_square(from)), on = from_unit_square(to);
  Homography all{};
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t col = 0; col < 3; ++col)
      for (std::size_t k = 0; k < 3; ++k) all[row * 3 + col] += on[row * 3 + k] * back[k * 3 + col];
  return normalised(all);
}

Result<Homography> inverse(const Homography& h) {
  const Homography back = adjugate(h);
  const double determinant = h[0] * back[0] + h[1] * back[3] + h[2] * back[6];
  double size = 0;
  for (const double value : h) size = std::max(size, std::abs(value));
  if (!std::isfinite(determinant) || std::abs(determinant) <= 1e-15 * size * size * size)
    return fail(Errc::invalid, "the map has no inverse");
  return normalised(back);
}

}  // namespace perch::image
