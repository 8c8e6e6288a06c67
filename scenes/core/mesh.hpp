#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "scenes/core/vec.hpp"

namespace perch::scenes {

struct Vertex {
  Vec3 at;
  Vec3 normal;
};

struct Triangle {
  std::array<std::uint32_t, 3> corner{};  ///< counter-clockwise seen from outside
  std::uint8_t material = 0;              ///< what it is made of; the shader knows
};

/// A surface of triangles in metres, with normals at its corners. What the `add_` functions add keeps what is there.
struct Mesh {
  std::vector<Vertex> vertices;
  std::vector<Triangle> triangles;

  void clear() {
    vertices.clear();
    triangles.clear();
  }

  std::uint32_t add_vertex(Vec3 at, Vec3 normal) {
    vertices.push_back({at, normal});
    return static_cast<std::uint32_t>(vertices.size() - 1);
  }

  void add_triangle(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint8_t material) {
    triangles.push_back({{a, b, c}, material});
  }

  /// A flat quadrilateral, corners counter-clockwise seen from outside.
  void add_quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, std::uint8_t material);

  /// A box turned about the upward axis by `heading`; `centre` is in its middle.
  void add_box(Vec3 centre, Vec3 size, std::uint8_t material, float heading = 0);

  /// A straight round bar of possibly different radii, its ends rounded off when `caps`.
  void add_limb(Vec3 from, Vec3 to, float radius_from, float radius_to, std::uint8_t material, int sides = 10,
                bool caps = true);

  /// An ellipsoid with the half-axes `a`, `b`, `c` (at right angles to each other, with their lengths).
  void add_ellipsoid(Vec3 centre, Vec3 a, Vec3 b, Vec3 c, std::uint8_t material, int sides = 12);

  /// A skin over rings of equally many points, each ring counter-clockwise seen from the front, where rings follow each
  /// other from back to front. Normals are smooth. Ends are closed when `closed`.
  void add_skin(std::span<const std::vector<Vec3>> rings, std::uint8_t material, bool closed = true);
};

}  // namespace perch::scenes
