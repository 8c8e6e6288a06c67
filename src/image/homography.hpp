#pragma once
#include <array>

#include "base/geometry.hpp"
#include "base/result.hpp"

namespace perch::image {

/// A projective map of the plane, row-major 3×3: (x, y) → ((h0·x + h1·y + h2) / w, (h3·x + h4·y + h5) / w) with
/// w = h6·x + h7·y + h8. Coordinates are those of `Point`: (0, 0) is the corner of the first pixel, not its centre.
using Homography = std::array<double, 9>;

/// The map that takes the corners of `from` to the corners of `to`, in their order; h8 is 1.
///
/// Errors: invalid when the corners of either are not finite, or do not bound a convex area (self-crossing, concave, or
/// three of them nearly on one line). A mirrored order of corners is allowed and mirrors. @thread any
Result<Homography> homography(const Quad& from, const Quad& to);

/// The map back. Errors: invalid when there is none (nearly singular). @thread any
Result<Homography> inverse(const Homography& h);

/// Where a point goes. Infinite or NaN for points on the line that the map sends to infinity. @thread any
inline Point apply(const Homography& h, Point p) {
  const double w = h[6] * p.x + h[7] * p.y + h[8];
  return {static_cast<float>((h[0] * p.x + h[1] * p.y + h[2]) / w),
          static_cast<float>((h[3] * p.x + h[4] * p.y + h[5]) / w)};
}

}  // namespace perch::image
