#include "scenes/core/mesh.hpp"

namespace perch::scenes {

namespace {

struct Frame {
  Vec3 u;
  Vec3 v;
  Vec3 w;  ///< along
};

Frame frame_along(Vec3 direction) {
  const Vec3 w = normalised(direction);
  const Vec3 helper = std::abs(w.z) < 0.9F ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  const Vec3 u = normalised(cross(helper, w));
  return {u, cross(w, u), w};
}

}  // namespace

void Mesh::add_quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, std::uint8_t material) {
  const Vec3 normal = normalised(cross(c - a, d - b));
  const std::uint32_t first = add_vertex(a, normal);
  add_vertex(b, normal);
  add_vertex(c, normal);
  add_vertex(d, normal);
  add_triangle(first, first + 1, first + 2, material);
  add_triangle(first, first + 2, first + 3, material);
}

void Mesh::add_box(Vec3 centre, Vec3 size, std::uint8_t material, float heading) {
  const Placed place(centre, heading);
  const Vec3 h = size * 0.5F;
  const auto p = [&](float x, float y, float z) { return place.out({x * h.x, y * h.y, z * h.z}); };
  add_quad(p(1, -1, -1), p(1, 1, -1), p(1, 1, 1), p(1, -1, 1), material);
  add_quad(p(-1, 1, -1), p(-1, -1, -1), p(-1, -1, 1), p(-1, 1, 1), material);
  add_quad(p(1, 1, -1), p(-1, 1, -1), p(-1, 1, 1), p(1, 1, 1), material);
  add_quad(p(-1, -1, -1), p(1, -1, -1), p(1, -1, 1), p(-1, -1, 1), material);
  add_quad(p(-1, -1, 1), p(1, -1, 1), p(1, 1, 1), p(-1, 1, 1), material);
  add_quad(p(-1, 1, -1), p(1, 1, -1), p(1, -1, -1), p(-1, -1, -1), material);
}

void Mesh::add_limb(Vec3 from, Vec3 to, float radius_from, float radius_to, std::uint8_t material, int sides,
                    bool caps) {
  struct Ring {
    Vec3 centre;
    float radius;
    float lean;  ///< how far the normal points along the bar, as a sine
  };

  const Frame f = frame_along(to - from);
  std::vector<Ring> rings;
  if (caps)
    for (const float a : {1.5F, 0.9F, 0.45F})
      rings.push_back({from - f.w * (radius_from * std::sin(a)), radius_from * std::cos(a), -std::sin(a)});
  rings.push_back({from, radius_from, 0});
  rings.push_back({to, radius_to, 0});
  if (caps)
    for (const float a : {0.45F, 0.9F, 1.5F})
      rings.push_back({to + f.w * (radius_to * std::sin(a)), radius_to * std::cos(a), std::sin(a)});

  const auto first = static_cast<std::uint32_t>(vertices.size());
  const auto n = static_cast<std::uint32_t>(sides);
  for (const Ring& ring : rings)
    for (int i = 0; i < sides; ++i) {
      const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(sides);
      const Vec3 out = f.u * std::cos(angle) + f.v * std::sin(angle);
      add_vertex(ring.centre + out * ring.radius,
                 out * std::sqrt(std::max(0.0F, 1 - ring.lean * ring.lean)) + f.w * ring.lean);
    }
  for (std::uint32_t r = 0; r + 1 < rings.size(); ++r)
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t a = first + r * n + i, b = first + r * n + (i + 1) % n;
      add_triangle(a, b, b + n, material);
      add_triangle(a, b + n, a + n, material);
    }
}

void Mesh::add_ellipsoid(Vec3 centre, Vec3 a, Vec3 b, Vec3 c, std::uint8_t material, int sides) {
  const auto first = static_cast<std::uint32_t>(vertices.size());
  const int rows = std::max(4, sides / 2);
  const auto n = static_cast<std::uint32_t>(sides);
  const float la = dot(a, a), lb = dot(b, b), lc = dot(c, c);
  for (int row = 0; row <= rows; ++row) {
    const float up = kPi * (static_cast<float>(row) / static_cast<float>(rows) - 0.5F);
    for (int i = 0; i < sides; ++i) {
      const float around = 2 * kPi * static_cast<float>(i) / static_cast<float>(sides);
      const float x = std::cos(up) * std::cos(around), y = std::cos(up) * std::sin(around), z = std::sin(up);
      add_vertex(centre + a * x + b * y + c * z, normalised(a * (x / la) + b * (y / lb) + c * (z / lc)));
    }
  }
  const bool turned = dot(cross(a, b), c) < 0;
  for (std::uint32_t r = 0; r < static_cast<std::uint32_t>(rows); ++r)
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t p = first + r * n + i, q = first + r * n + (i + 1) % n;
      if (turned) {
        add_triangle(q, p, p + n, material);
        add_triangle(q, p + n, q + n, material);
      } else {
        add_triangle(p, q, q + n, material);
        add_triangle(p, q + n, p + n, material);
      }
    }
}

void Mesh::add_skin(std::span<const std::vector<Vec3>> rings, std::uint8_t material, bool closed) {
  const auto first = static_cast<std::uint32_t>(vertices.size());
  const std::size_t first_triangle = triangles.size();
  const auto n = static_cast<std::uint32_t>(rings.front().size());
  for (const std::vector<Vec3>& ring : rings)
    for (const Vec3& p : ring) add_vertex(p, {});
  for (std::uint32_t r = 0; r + 1 < rings.size(); ++r)
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t a = first + r * n + i, b = first + r * n + (i + 1) % n;
      add_triangle(a, b, b + n, material);
      add_triangle(a, b + n, a + n, material);
    }
  for (std::size_t t = first_triangle; t < triangles.size(); ++t) {
    const auto& [corner, unused] = triangles[t];
    const Vec3 p = vertices[corner[0]].at;
    const Vec3 normal = cross(vertices[corner[1]].at - p, vertices[corner[2]].at - p);
    for (const std::uint32_t c : corner) vertices[c].normal = vertices[c].normal + normal;
  }
  for (std::size_t v = first; v < vertices.size(); ++v) vertices[v].normal = normalised(vertices[v].normal);
  if (!closed) return;
  const auto close = [&](const std::vector<Vec3>& ring, bool front) {
    Vec3 middle;
    for (const Vec3& p : ring) middle = middle + p * (1 / static_cast<float>(n));
    const Vec3 normal = normalised(cross(ring[n / 3] - middle, ring[2 * n / 3] - middle)) * (front ? 1.0F : -1.0F);
    const std::uint32_t centre = add_vertex(middle, normal);
    for (const Vec3& p : ring) add_vertex(p, normal);
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t a = centre + 1 + i, b = centre + 1 + (i + 1) % n;
      add_triangle(centre, front ? a : b, front ? b : a, material);
    }
  };
  close(rings.front(), false);
  close(rings.back(), true);
}

}  // namespace perch::scenes
