#pragma once
#include <array>
#include <cstdint>

#include "scenes/core/lighting.hpp"
#include "scenes/core/mesh.hpp"
#include "scenes/core/random.hpp"

namespace perch::scenes {

/// Where a body's joints are bent, in radians; all zero is standing upright with the arms down. `left` is index 0.
struct BodyPose {
  float pelvis_m = -1;         ///< height of the hips over the floor; below zero: what the legs give
  float lean = 0;              ///< of the trunk, forward
  float bend = 0;              ///< of the trunk, to the left
  float nod = 0;               ///< of the head, forward
  float look = 0;              ///< of the head, to the left
  float tip = 0;               ///< of the whole body, forward: a quarter turn lies on the face, minus one on the back
  float roll = 0;              ///< of the whole body about its length
  std::array<float, 2> hip{};  ///< thigh forward
  std::array<float, 2> spread{};    ///< thigh outward
  std::array<float, 2> knee{};      ///< bent
  std::array<float, 2> shoulder{};  ///< arm forward
  std::array<float, 2> arm_out{};   ///< arm outward
  std::array<float, 2> elbow{};     ///< bent
};

BodyPose blend(const BodyPose& a, const BodyPose& b, float t);

/// Walking, at a phase of 0..1 of two steps.
BodyPose walking_pose(float phase, float vigour);

/// How a person looks: made from a key, always the same.
struct BodyTraits {
  float height = 1.72F;
  float build = 1;  ///< 0.85 slim, 1.3 heavy
  Rgb skin, hair, top, top_second, bottom, shoes;
  int pattern = 0;    ///< of the top: 0 plain, 1 stripes, 2 checks, 3 two colours
  float sleeve = 1;   ///< 0 none, 0.5 to the elbow, 1 long
  float trouser = 1;  ///< 0.5 to the knee, 1 long
  bool skirt = false;
  bool long_hair = false;
  bool bald = false;

  static BodyTraits of(Random random);
};

/// The 17 keypoints of COCO in their order, in the figure's own coordinates.
using BodyPoints = std::array<Vec3, 17>;

/// A person in a pose: its surface, keypoints and cloth. Own coordinates: x the way the body faces, z up from the
/// floor.
class Figure {
 public:
  void pose(const BodyTraits& traits, const BodyPose& pose);

  const Mesh& mesh() const { return mesh_; }

  const BodyPoints& points() const { return points_; }

  /// @param local  a place on the surface, in the figure's coordinates
  Surface surface(Vec3 local, std::uint8_t material) const;

 private:
  struct Axes {
    Vec3 x, y, z;
  };

  void add_trunk(const Axes& hips, const Axes& chest, Vec3 pelvis, Vec3 neck);
  void add_head(const Axes& head, Vec3 neck);
  void add_leg(std::size_t side, const Axes& hips, Vec3 hip);
  void add_arm(std::size_t side, const Axes& chest, Vec3 shoulder);
  void add_skirt(const Axes& hips, Vec3 pelvis);

  BodyTraits traits_;
  BodyPose pose_;
  BodyPoints points_{};
  Mesh mesh_;
  Vec3 pelvis_;
  Axes chest_;
};

}  // namespace perch::scenes
