#pragma once
#include "base/geometry.hpp"
#include "scenes/core/vec.hpp"

namespace perch::scenes {

/// A pinhole camera: where it stands, where it looks, what it projects to. @thread any
class ViewPoint {
 public:
  ViewPoint() = default;

  /// @param focal_px  focal length in pixels
  ViewPoint(Vec3 eye, Vec3 target, float roll, float focal_px, int width, int height)
      : eye_(eye),
        forward_(normalised(target - eye)),
        focal_px_(focal_px),
        centre_{static_cast<float>(width) / 2, static_cast<float>(height) / 2} {
    const Vec3 right = normalised(cross(forward_, {0, 0, 1}));
    const Vec3 down = cross(forward_, right);
    right_ = right * std::cos(roll) + down * std::sin(roll);
    down_ = cross(forward_, right_);
  }

  Vec3 eye() const { return eye_; }

  float focal_px() const { return focal_px_; }

  /// Camera coordinates: right, down, forward.
  Vec3 in(Vec3 world) const {
    const Vec3 d = world - eye_;
    return {dot(d, right_), dot(d, down_), dot(d, forward_)};
  }

  /// Where a point of camera coordinates in front of the camera falls.
  Point to_px(Vec3 in_camera) const {
    return {centre_.x + focal_px_ * in_camera.x / in_camera.z, centre_.y + focal_px_ * in_camera.y / in_camera.z};
  }

  /// Where a point of the scene falls; it must lie in front of the camera.
  Point project(Vec3 world) const { return to_px(in(world)); }

  /// The direction that a pixel sees, as long as the distance along the axis is 1.
  Vec3 ray(float x_px, float y_px) const {
    return forward_ + right_ * ((x_px - centre_.x) / focal_px_) + down_ * ((y_px - centre_.y) / focal_px_);
  }

 private:
  Vec3 eye_;
  Vec3 right_;
  Vec3 down_;
  Vec3 forward_;
  float focal_px_ = 1;
  Vec2 centre_;
};

}  // namespace perch::scenes
