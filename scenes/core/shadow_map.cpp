#include "scenes/core/shadow_map.hpp"

#include <array>

namespace perch::scenes {

ShadowMap::ShadowMap(Vec3 light, bool is_sun, Vec2 from, Vec2 to, float texel_m)
    : light_(light),
      is_sun_(is_sun),
      from_(from),
      per_m_(1 / texel_m),
      width_(static_cast<int>((to.x - from.x) / texel_m) + 1),
      height_(static_cast<int>((to.y - from.y) / texel_m) + 1),
      left_(width_),
      top_(height_),
      heights_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_), -1.0F) {}

ShadowMap ShadowMap::sun(Vec3 to_light, Vec2 from, Vec2 to, float texel_m) {
  return {normalised(to_light), true, from, to, texel_m};
}

ShadowMap ShadowMap::lamp(Vec3 at, Vec2 from, Vec2 to, float texel_m) {
  return {at, false, from, to, texel_m};
}

void ShadowMap::clear() {
  for (int y = top_; y <= bottom_; ++y)
    std::fill_n(
        &heights_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(left_)],
        right_ - left_ + 1, -1.0F);
  empty_ = true;
  left_ = width_;
  top_ = height_;
  right_ = bottom_ = -1;
}

Vec2 ShadowMap::on_ground(Vec3 at) const {
  if (is_sun_) return {at.x - light_.x / light_.z * at.z, at.y - light_.y / light_.z * at.z};
  const float k = light_.z / std::max(light_.z - at.z, 0.05F);
  return {light_.x + (at.x - light_.x) * k, light_.y + (at.y - light_.y) * k};
}

void ShadowMap::cast(const Mesh& mesh, const Placed& place) {
  if (heights_.empty()) return;
  std::vector<Vec3> texels;
  texels.reserve(mesh.vertices.size());
  for (const Vertex& v : mesh.vertices) {
    const Vec3 at = place.out(v.at);
    const Vec2 ground = (on_ground(at) - from_) * per_m_;
    texels.push_back({ground.x, ground.y, at.z});
  }
  for (const Triangle& t : mesh.triangles) {
    const std::array<Vec3, 3> corners{texels[t.corner[0]], texels[t.corner[1]], texels[t.corner[2]]};
    cast_triangle(corners.data());
  }
  empty_ = false;
}

void ShadowMap::cast_triangle(const Vec3* p) {
  const float area = (p[1].x - p[0].x) * (p[2].y - p[0].y) - (p[1].y - p[0].y) * (p[2].x - p[0].x);
  if (std::abs(area) < 1e-6F) return;
  const auto whole = [](float v, int most) { return static_cast<int>(std::clamp(v, -1.0F, static_cast<float>(most))); };
  const int left = std::max(0, whole(std::floor(std::min({p[0].x, p[1].x, p[2].x})), width_));
  const int right = std::min(width_ - 1, whole(std::ceil(std::max({p[0].x, p[1].x, p[2].x})), width_));
  const int top = std::max(0, whole(std::floor(std::min({p[0].y, p[1].y, p[2].y})), height_));
  const int bottom = std::min(height_ - 1, whole(std::ceil(std::max({p[0].y, p[1].y, p[2].y})), height_));
  if (left > right || top > bottom) return;
  left_ = std::min(left_, left);
  right_ = std::max(right_, right);
  top_ = std::min(top_, top);
  bottom_ = std::max(bottom_, bottom);
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) {
      const float fx = static_cast<float>(x) + 0.5F, fy = static_cast<float>(y) + 0.5F;
      const float u = ((fx - p[0].x) * (p[2].y - p[0].y) - (fy - p[0].y) * (p[2].x - p[0].x)) / area;
      const float v = ((p[1].x - p[0].x) * (fy - p[0].y) - (p[1].y - p[0].y) * (fx - p[0].x)) / area;
      if (u < 0 || v < 0 || u + v > 1) continue;
      float& height =
          heights_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)];
      height = std::max(height, p[0].z + (p[1].z - p[0].z) * u + (p[2].z - p[0].z) * v);
    }
}

float ShadowMap::lit(Vec3 at, float rise_m) const {
  if (empty_) return 1;
  const Vec2 texel = (on_ground(at) - from_) * per_m_ - Vec2{1.5F, 1.5F};
  const int x = static_cast<int>(std::floor(texel.x)), y = static_cast<int>(std::floor(texel.y));
  if (x < 0 || y < 0 || x + 4 >= width_ || y + 4 >= height_) return 1;
  if (x > right_ || y > bottom_ || x + 3 < left_ || y + 3 < top_) return 1;
  const float u = texel.x - static_cast<float>(x), v = texel.y - static_cast<float>(y);
  const std::array<float, 4> across{1 - u, 1, 1, u}, down{1 - v, 1, 1, v};
  const float least = at.z + rise_m;
  float hidden = 0;
  for (std::size_t j = 0; j < 4; ++j) {
    const float* row =
        &heights_[(static_cast<std::size_t>(y) + j) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)];
    float sum = 0;
    for (std::size_t i = 0; i < 4; ++i) sum += row[i] > least ? across[i] : 0;
    hidden += sum * down[j];
  }
  return 1 - hidden / 9;
}

}  // namespace perch::scenes
