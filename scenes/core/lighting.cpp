#include "scenes/core/lighting.hpp"

namespace perch::scenes {

float Lighting::lit(Vec3 at, Vec3 normal) const {
  const Vec3 out = at + normal * 0.06F;
  const float fixed = fixed_ ? fixed_->lit(out) : 1;
  return moving_ && fixed > 0 ? std::min(fixed, moving_->lit(out)) : fixed;
}

Rgb Lighting::lamps_on(Vec3 at, Vec3 normal, Rgb& shadowable) const {
  Rgb sum;
  for (const Lamp& lamp : light_->lamps) {
    const Vec3 to = lamp.at - at;
    const float square = dot(to, to);
    if (square > 900) continue;
    const Vec3 direction = to * (1 / std::sqrt(square + 0.01F));
    const float facing = dot(normal, direction);
    if (facing <= 0 || (lamp.spread > 0 && direction.z <= 0)) continue;
    const float narrow = lamp.spread > 0 ? std::pow(direction.z, lamp.spread) : 1;
    Rgb light = lamp.colour * (facing * narrow / (square + 0.5F));
    if (light_->lamp_shadows && &lamp == light_->lamps.data()) {
      light = light * lit(at, normal);
      shadowable = light;
    }
    sum = sum + light;
  }
  return sum;
}

Shaded Lighting::shade(const Surface& s, const Fragment& f) const {
  const Light& light = *light_;
  float sunlit = 0;
  const float facing = dot(f.normal, light.to_sun);
  const float diffuse = std::max(facing, 0.0F) + s.through * std::max(-facing, 0.0F);
  if (diffuse > 0 && light.sun.x > 0) {
    sunlit = lit(f.at, f.normal);
  }
  const float open = (1 - s.occluded);
  const Rgb ambient = mix(light.bounce, light.sky, 0.5F + 0.5F * f.normal.z) * open;
  const Rgb direct = light.sun * (diffuse * sunlit);
  Rgb from_lamp;
  Rgb seen_light = s.albedo * (ambient + direct + lamps_on(f.at, f.normal, from_lamp)) + s.glow;
  const float shadowable = luminance(s.albedo * (direct + from_lamp));

  if (s.mirror > 0) {
    const Vec3 to_eye = normalised(eye_ - f.at);
    const float straight = std::max(dot(f.normal, to_eye), 0.0F);
    const float slant = (1 - straight) * (1 - straight);
    const float share = s.mirror + (1 - s.mirror) * slant * slant * (1 - straight) * 0.9F;
    const Vec3 seen = f.normal * (2 * straight) - to_eye;
    const Rgb above = mix(light.sky * 1.25F, light.sky * 0.75F, smoothstep(0.0F, 0.7F, seen.z));
    const Rgb around = mix(light.bounce * 0.6F, above, smoothstep(-0.12F, 0.12F, seen.z)) * open;
    seen_light = seen_light * (1 - share) + around * share;
    if (sunlit > 0) {
      const float spot = std::pow(std::max(dot(seen, light.to_sun), 0.0F), s.gloss) * sunlit;
      seen_light = seen_light + light.sun * (spot * share * s.gloss * 0.12F);
    }
  }
  const float total = luminance(seen_light);
  if (light.clear_m < 1e5F) seen_light = mix(light.haze, seen_light, std::exp(-f.depth_m / light.clear_m));
  return {seen_light * light.exposure, total > 0 ? shadowable / total : 0};
}

}  // namespace perch::scenes
