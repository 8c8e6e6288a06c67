#pragma once
#include <vector>

#include "scenes/core/layer.hpp"
#include "scenes/core/shadow_map.hpp"
#include "scenes/core/vec.hpp"

namespace perch::scenes {

/// What a surface does with light.
struct Surface {
  Rgb albedo{0.5F, 0.5F, 0.5F};
  float mirror = 0;    ///< share of light reflected like a mirror, seen straight on; more at a slant
  float gloss = 40;    ///< how sharp the sun's reflection is
  Rgb glow{};          ///< light of its own
  float through = 0;   ///< leaves: share of light that comes through from behind
  float occluded = 0;  ///< 0..1: how much of the sky is hidden by what is near
};

/// A lamp on a post or ceiling.
struct Lamp {
  Vec3 at;
  Rgb colour;        ///< strength at 1 m, straight below
  float spread = 1;  ///< exponent: higher is narrower; 0 shines upwards too
};

/// The light of one moment.
struct Light {
  Vec3 to_sun{0, 0, 1};
  Rgb sun;     ///< on a surface that faces it
  Rgb sky;     ///< of the sky above
  Rgb bounce;  ///< from the ground
  std::vector<Lamp> lamps;
  bool lamp_shadows = false;  ///< the shadow maps are of the first lamp, not of the sun
  float exposure = 1;
  Rgb haze;              ///< colour of the distance
  float clear_m = 1e6F;  ///< how far one sees until haze takes 63 %
};

/// Shades surfaces in a light. Borrows the light and the shadows (each may be null). @thread any
class Lighting {
 public:
  Lighting(const Light& light, Vec3 eye, const ShadowMap* fixed, const ShadowMap* moving = nullptr)
      : light_(&light),
        eye_(eye),
        fixed_(fixed),
        moving_(moving) {}

  /// @returns light towards the eye after exposure, and the share of it that a further shadow would take
  Shaded shade(const Surface& surface, const Fragment& f) const;

  const Light& light() const { return *light_; }

 private:
  /// @param shadowable  gets the part of it that a further shadow would take
  Rgb lamps_on(Vec3 at, Vec3 normal, Rgb& shadowable) const;
  float lit(Vec3 at, Vec3 normal) const;

  const Light* light_;
  Vec3 eye_;
  const ShadowMap* fixed_;
  const ShadowMap* moving_;
};

}  // namespace perch::scenes
