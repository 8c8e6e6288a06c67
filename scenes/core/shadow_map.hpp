#pragma once
#include <cstdint>
#include <vector>

#include "scenes/core/mesh.hpp"
#include "scenes/core/vec.hpp"

namespace perch::scenes {

/// What stands in the way of one light, as the heights of the lowest things above each place of the ground, seen along
/// the light. Works for a sun (a direction) and for a lamp (a point above everything that casts). @thread one at a time
class ShadowMap {
 public:
  /// A light far away.
  /// @param to_light  direction towards it; its z is positive
  /// @param from, to  corners of the ground that is covered, m; beyond there is no shadow
  static ShadowMap sun(Vec3 to_light, Vec2 from, Vec2 to, float texel_m);

  /// A light at a place.
  static ShadowMap lamp(Vec3 at, Vec2 from, Vec2 to, float texel_m);

  ShadowMap() = default;

  void clear();

  /// Nothing has been cast since the map was made or cleared.
  bool empty() const { return empty_; }

  /// Adds what a mesh hides.
  void cast(const Mesh& mesh, const Placed& place);

  /// How much of the light reaches a place, 0..1, with a soft edge. @param rise_m  what hides it must be that much
  /// higher
  float lit(Vec3 at, float rise_m = 0.05F) const;

  /// Where the shadow of a place falls on the ground.
  Vec2 on_ground(Vec3 at) const;

 private:
  ShadowMap(Vec3 light, bool is_sun, Vec2 from, Vec2 to, float texel_m);
  void cast_triangle(const Vec3* corners);

  Vec3 light_{0, 0, 1};
  bool is_sun_ = true;
  Vec2 from_;
  float per_m_ = 1;
  int width_ = 0;
  int height_ = 0;
  bool empty_ = true;
  int left_ = 0, right_ = -1, top_ = 0, bottom_ = -1;  ///< texels that may be cast on
  std::vector<float> heights_;
};

}  // namespace perch::scenes
