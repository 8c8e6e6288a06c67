#include "scenes/core/daylight.hpp"

namespace perch::scenes {

SunPath SunPath::of(Random random) {
  return {random.between(0.6F, 1.25F), random.between(0, 2 * kPi), random.between(5.2F, 7.4F)};
}

namespace {

/// Height of the sun over the horizon, as a sine; negative at night.
float sun_height(const SunPath& path, float hour) {
  return std::sin(path.noon_rad) * std::sin(kPi * (hour - path.sunrise_hour) / (24 - 2 * path.sunrise_hour));
}

Vec3 sun_direction(const SunPath& path, float hour) {
  const float up = std::max(sun_height(path, hour), 0.12F);  // lower ones would throw endless shadows
  const float turn = kPi * (12 - hour) / (24 - 2 * path.sunrise_hour) * 1.1F + path.north_rad;
  const float flat = std::sqrt(1 - up * up);
  return {flat * std::sin(turn), flat * std::cos(turn), up};
}

}  // namespace

float day_share(const SunPath& path, float hour) {
  return smoothstep(-0.12F, 0.10F, sun_height(path, hour));
}

Light daylight(const SunPath& path, float hour, Weather weather, float bright) {
  const float height = sun_height(path, hour);
  const float day = day_share(path, hour);
  const float low = 1 - smoothstep(0.05F, 0.45F, height);  // morning and evening: warm sun, blue sky
  Light light;
  light.to_sun = sun_direction(path, hour);
  const float through = weather == Weather::clear ? smoothstep(0.0F, 0.16F, height) * bright : 0;
  light.sun = mix(Rgb{3.0F, 2.85F, 2.6F}, Rgb{2.9F, 2.1F, 1.3F}, low) * through;
  const float sky = weather == Weather::clear ? 0.52F : weather == Weather::cloudy ? 0.85F : 0.5F;
  const Rgb blue = mix(Rgb{0.72F, 0.86F, 1.12F}, Rgb{0.72F, 0.78F, 1.0F}, low);
  const Rgb grey = mix(Rgb{0.96F, 1.0F, 1.05F}, Rgb{0.80F, 0.88F, 1.05F}, low);
  light.sky = (weather == Weather::clear ? blue : grey) * (sky * day) + Rgb{0.006F, 0.008F, 0.013F};
  const float flat_sun = std::max(light.to_sun.z, 0.0F);
  light.bounce = (light.sun * flat_sun + light.sky) * 0.22F;
  const float on_ground = luminance(light.sun) * flat_sun + luminance(light.sky) * 0.85F;
  // A camera holds most of the change of light, not all of it.
  light.exposure = 1.25F / std::pow(std::max(on_ground, 0.03F), 0.86F);
  light.haze = light.sky * 0.7F + light.sun * 0.05F;
  light.clear_m = weather == Weather::rain ? 420.0F : weather == Weather::cloudy ? 2500.0F : 4000.0F;
  return light;
}

}  // namespace perch::scenes
