#include "scenes/lot/car.hpp"

#include <array>
#include <ranges>
#include <span>

#include "scenes/core/noise.hpp"

namespace perch::scenes::lot {

namespace {

enum Material : std::uint8_t { kBody, kCabin, kTyre, kTrim, kMirror };

enum Kind : std::uint8_t { city, hatchback, saloon, estate, suv, mpv, van, pickup, coupe };

CarShape shape_of(Kind kind) {
  switch (kind) {
    case city:
      return {3.55F, 1.64F, 1.50F, 0.19F, 0.60F, 0.60F, 0.50F, 0.60F, 0.27F, 0.10F, -0.40F, -0.47F, 0.78F, 0.1F, 0.29F};
    case hatchback:
      return {4.10F, 1.77F, 1.47F, 0.19F, 0.61F, 0.60F, 0.47F, 0.62F, 0.22F, 0.05F, -0.36F, -0.46F, 0.76F, 0.0F, 0.31F};
    case saloon:
      return {4.60F, 1.81F, 1.44F, 0.18F, 0.62F, 0.61F, 0.47F, 0.64F, 0.20F, 0.04F, -0.22F, -0.36F, 0.73F, 0.0F, 0.32F};
    case estate:
      return {4.65F, 1.81F, 1.48F, 0.18F, 0.60F, 0.60F, 0.46F, 0.60F, 0.21F, 0.05F, -0.43F, -0.48F, 0.75F, 0.1F, 0.32F};
    case suv:
      return {4.45F, 1.87F, 1.68F, 0.25F, 0.62F, 0.61F, 0.53F, 0.64F, 0.22F, 0.07F, -0.40F, -0.47F, 0.78F, 0.3F, 0.36F};
    case mpv:
      return {4.50F, 1.83F, 1.66F, 0.20F, 0.56F, 0.56F, 0.45F, 0.58F, 0.30F, 0.10F, -0.43F, -0.48F, 0.80F, 0.3F, 0.32F};
    case van:
      return {5.10F, 1.95F, 2.05F, 0.22F, 0.55F, 0.52F, 0.43F, 0.60F, 0.37F, 0.24F, -0.48F, -0.49F, 0.88F, 0.9F, 0.34F};
    case pickup:
      return {5.15F, 1.87F, 1.75F, 0.28F, 0.60F, 0.59F, 0.52F, 0.56F, 0.19F, 0.07F, -0.08F, -0.12F, 0.80F, 0.4F, 0.37F};
    case coupe:
      return {4.35F, 1.81F,  1.34F,  0.16F,  0.63F, 0.60F, 0.45F, 0.66F,
              0.16F, -0.02F, -0.20F, -0.42F, 0.70F, 0.0F,  0.33F};
  }
  return {};
}

Rgb paint_of(Random& random) {
  struct Paint {
    float weight = 0;
    Rgb low, high;
  };

  static constexpr std::array<Paint, 11> kPaints{{{24, {0.62F, 0.62F, 0.61F}, {0.82F, 0.82F, 0.80F}},
                                                  {18, {0.012F, 0.012F, 0.014F}, {0.035F, 0.035F, 0.04F}},
                                                  {18, {0.30F, 0.31F, 0.32F}, {0.48F, 0.49F, 0.50F}},
                                                  {14, {0.06F, 0.065F, 0.07F}, {0.18F, 0.185F, 0.19F}},
                                                  {9, {0.02F, 0.04F, 0.12F}, {0.07F, 0.16F, 0.40F}},
                                                  {8, {0.28F, 0.015F, 0.015F}, {0.5F, 0.04F, 0.03F}},
                                                  {2, {0.02F, 0.07F, 0.035F}, {0.08F, 0.22F, 0.09F}},
                                                  {2, {0.30F, 0.24F, 0.15F}, {0.45F, 0.38F, 0.26F}},
                                                  {2, {0.10F, 0.045F, 0.02F}, {0.22F, 0.11F, 0.05F}},
                                                  {1.5F, {0.65F, 0.42F, 0.03F}, {0.75F, 0.55F, 0.06F}},
                                                  {1.5F, {0.55F, 0.17F, 0.02F}, {0.65F, 0.25F, 0.04F}}}};
  std::array<float, kPaints.size()> weights{};
  for (std::size_t i = 0; i < kPaints.size(); ++i) weights[i] = kPaints[i].weight;
  const Paint& paint = kPaints[random.weighted(weights)];
  return mix(paint.low, paint.high, random.uniform());
}

/// The right half of an outline and its mirror, counter-clockwise seen from the front.
std::vector<Vec3> mirrored(float x, std::span<const Vec2> right) {
  std::vector<Vec3> out;
  for (const Vec2& p : right) out.push_back({x, p.x, p.y});
  for (const Vec2& p : std::views::reverse(right)) out.push_back({x, -p.x, p.y});
  return out;
}

/// A ring around the car's length: half a rounded outline from the bottom to the middle of the top, and its mirror.
std::vector<Vec3> ring(float x, float half, float bottom, float top, float round, float narrow) {
  const float middle = mix(bottom, top, 0.55F), high = top - round * 0.6F;
  const std::array<Vec2, 7> right{{{half * 0.78F, bottom},
                                   {half * 0.97F, mix(bottom, middle, 0.35F)},
                                   {half, middle},
                                   {half * mix(1.0F, narrow, 0.45F), high},
                                   {half * narrow, top - round * 0.18F},
                                   {half * narrow * 0.8F, top},
                                   {half * narrow * 0.4F, top + round * 0.12F}}};
  return mirrored(x, right);
}

}  // namespace

Car::Car(std::uint64_t key) {
  Random random(key);
  static constexpr std::array<float, 9> kWeights{12, 26, 17, 11, 17, 7, 4, 3, 3};
  const auto kind = static_cast<Kind>(random.weighted(kWeights));
  shape_ = shape_of(kind);
  shape_.length *= random.between(0.95F, 1.06F);
  shape_.width *= random.between(0.97F, 1.03F);
  shape_.height *= random.between(0.96F, 1.05F);
  for (float* share : {&shape_.bonnet, &shape_.nose, &shape_.screen_foot, &shape_.screen_top, &shape_.roof_end})
    *share += random.between(-0.018F, 0.018F);
  shape_.bed = kind == pickup;
  shape_.windows_behind = kind != van || random.chance(0.35F);
  paint_ = kind == van && random.chance(0.6F) ? Rgb{0.75F, 0.75F, 0.74F} : paint_of(random);
  rim_ = random.chance(0.75F) ? Rgb{0.35F, 0.36F, 0.37F} : Rgb{0.04F, 0.04F, 0.045F};
  dirt_ = random.chance(0.3F) ? random.between(0.2F, 0.7F) : random.between(0, 0.15F);
  dark_trim_ = random.chance(0.35F);
  black_roof_ = kind <= suv && random.chance(0.1F);
  gloss_ = random.between(40, 160);
  build();
}

void Car::build() {
  add_body();
  add_cabin();
  add_wheels();
}

void Car::add_body() {
  const CarShape& s = shape_;
  const float half = s.width / 2, h = s.height;
  const auto station = [&](float x, float wide, float bottom, float top) {
    return ring(x * s.length, half * wide, bottom, top * h, 0.16F * (1 - 0.5F * s.boxy), 0.94F);
  };
  const float low = s.clearance, lift = s.clearance + 0.14F;
  std::vector<std::vector<Vec3>> rings;
  rings.push_back(station(-0.5F, 0.80F, lift + 0.1F, s.tail - 0.12F));
  rings.push_back(station(-0.492F, 0.88F, lift, s.tail - 0.04F));
  rings.push_back(station(-0.465F, 0.96F, lift - 0.04F, s.tail - 0.005F));
  rings.push_back(station(s.rear_foot, 0.99F, low, s.tail));
  rings.push_back(station(s.bed ? -0.13F : -0.15F, 1.0F, low, std::max(s.belt, s.tail - 0.02F)));
  rings.push_back(station(0.05F, 1.0F, low, s.belt));
  rings.push_back(station(s.screen_foot, 0.995F, low, s.bonnet));
  rings.push_back(station(mix(s.screen_foot, 0.46F, 0.55F), 0.98F, low, mix(s.bonnet, s.nose, 0.42F)));
  rings.push_back(station(0.445F, 0.93F, lift - 0.05F, s.nose));
  rings.push_back(station(0.478F, 0.86F, lift - 0.02F, s.nose - 0.035F));
  rings.push_back(station(0.5F, 0.72F, lift + 0.06F, s.nose - 0.12F));
  mesh_.add_skin(rings, kBody);
  if (s.bed) {
    const float front = (s.rear_foot - 0.01F) * s.length, back = -0.475F * s.length, side = half * 0.84F;
    const float top = s.tail * h + 0.03F;
    mesh_.add_quad({back, -side, top}, {front, -side, top}, {front, side, top}, {back, side, top}, kTrim);
  }
}

void Car::add_cabin() {
  const CarShape& s = shape_;
  const float h = s.height, foot = s.width / 2 * 0.93F, roof = s.width / 2 * s.roof_narrow;
  const float belt = s.belt * h - 0.05F, round = 0.10F * (1 - 0.6F * s.boxy);
  const auto station = [&](float x, float share, float crown) {
    const float top = mix(belt + 0.06F, h - 0.03F, share) + crown;
    const float wide = mix(foot * 0.96F, roof, share);
    const std::array<Vec2, 6> right{{{foot, belt - 0.05F},
                                     {foot * 0.995F, belt + 0.03F},
                                     {mix(foot, wide, 0.94F), mix(belt + 0.03F, top - round, 0.94F)},
                                     {wide * 0.975F, top - round * 0.45F},
                                     {wide * 0.88F, top - round * 0.08F},
                                     {wide * 0.45F, top + 0.015F}}};
    return mirrored(x * s.length, right);
  };
  const float middle = mix(s.roof_end, s.screen_top, 0.5F);
  std::vector<std::vector<Vec3>> rings;
  rings.push_back(station(s.rear_foot, 0.02F, 0));
  rings.push_back(station(mix(s.rear_foot, s.roof_end, 0.85F), 0.86F, 0));
  rings.push_back(station(s.roof_end + 0.012F, 0.975F, 0));
  rings.push_back(station(middle, 1.0F, 0.02F));
  rings.push_back(station(s.screen_top - 0.015F, 0.985F, 0));
  rings.push_back(station(mix(s.screen_top, s.screen_foot, 0.14F), 0.88F, 0));
  rings.push_back(station(s.screen_foot, 0.02F, 0));
  mesh_.add_skin(rings, kCabin, false);
}

void Car::add_wheels() {
  const CarShape& s = shape_;
  for (const float along : {-0.31F, 0.31F})
    for (const float side : {-1.0F, 1.0F}) {
      const Vec3 outer{along * s.length, side * (s.width / 2 - 0.015F), s.wheel};
      const Vec3 inner{along * s.length, side * (s.width / 2 - 0.24F), s.wheel};
      mesh_.add_limb(inner, outer, s.wheel, s.wheel, kTyre, 18, false);
      mesh_.add_ellipsoid(outer, {s.wheel, 0, 0}, {0, 0.012F, 0}, {0, 0, s.wheel}, kTyre, 18);
    }
  for (const float side : {-1.0F, 1.0F})
    mesh_.add_ellipsoid({(s.screen_foot - 0.035F) * s.length, side * (s.width / 2 + 0.03F), s.belt * s.height + 0.05F},
                        {0.05F, 0, 0}, {0, 0.1F, 0}, {0, 0, 0.06F}, dark_trim_ ? kTrim : kMirror, 8);
}

float Car::roof_at(float x) const {
  const CarShape& s = shape_;
  const float front = (s.screen_foot * s.length - x) / ((s.screen_foot - s.screen_top) * s.length);
  const float back = (x - s.rear_foot * s.length) / ((s.roof_end - s.rear_foot) * s.length);
  return mix(s.belt * s.height, s.height - 0.03F, std::clamp(std::min(front, back), 0.0F, 1.0F));
}

Surface Car::wheel(Vec3 p, Vec3 normal) const {
  const CarShape& s = shape_;
  const float dx = p.x - (p.x > 0 ? 0.31F : -0.31F) * s.length, dz = p.z - s.wheel;
  const float r = std::sqrt(dx * dx + dz * dz) / s.wheel;
  if (std::abs(normal.y) < 0.5F || r > 0.7F) return {{0.018F, 0.018F, 0.018F}, 0.01F, 10};
  const float spoke = std::cos(5 * std::atan2(dz, dx));
  if (r > 0.2F && r < 0.62F && spoke < -0.1F) return {{0.02F, 0.02F, 0.02F}};
  return {rim_, 0.08F, 30};
}

Surface Car::body(Vec3 p, Vec3 normal, float lights, bool braking) const {
  const CarShape& s = shape_;
  const float half = s.width / 2, nose = s.length / 2;
  const float z = p.z / s.height, y = std::abs(p.y) / half;
  const float seam = 0.012F;
  // Wheel arches and sills.
  for (const float along : {-0.31F, 0.31F}) {
    const float dx = p.x - along * s.length, dz = p.z - s.wheel;
    if (y > 0.72F && dx * dx + dz * dz < (s.wheel + 0.06F) * (s.wheel + 0.06F)) return {{0.01F, 0.01F, 0.01F}};
  }
  const bool low = p.z < s.clearance + (dark_trim_ ? 0.19F : 0.09F);
  if (low) return {{0.022F, 0.022F, 0.023F}, 0.02F, 12};
  const float front = nose - p.x, back = p.x + nose;
  if (front < 0.34F * (1 - 0.3F * (1 - y)) && z > s.nose - 0.16F && z < s.nose - 0.015F && y > 0.5F && normal.z < 0.9F)
    return {{0.5F, 0.5F, 0.52F}, 0.15F, 60, Rgb{9, 8.6F, 7.6F} * lights};
  if (front < 0.16F && y < 0.46F && z > s.nose - 0.19F && z < s.nose - 0.06F) return {{0.015F, 0.015F, 0.015F}, 0.06F};
  if (front < 0.12F && y < 0.26F && p.z > s.clearance + 0.17F && p.z < s.clearance + 0.29F)
    return {{0.7F, 0.7F, 0.66F}};
  if (back < 0.22F && z > s.tail - 0.20F && z < s.tail - 0.03F && y > 0.62F)
    return {{0.32F, 0.012F, 0.012F}, 0.1F, 60, Rgb{2.2F, 0.05F, 0.03F} * (lights * 0.5F + (braking ? 0.8F : 0))};
  if (back < 0.1F && y < 0.28F && z > s.tail - 0.25F && z < s.tail - 0.17F) return {{0.7F, 0.7F, 0.66F}};
  // Doors, bonnet and boot end in thin dark lines.
  const float door = 0.02F * s.length;
  const bool side_seam = std::abs(normal.y) > 0.5F && z > 0.2F &&
                         (std::abs(p.x - door) < seam || std::abs(p.x - s.screen_foot * 0.92F * s.length) < seam ||
                          std::abs(p.x + 0.24F * s.length) < seam);
  const bool top_seam =
      normal.z > 0.5F && (std::abs(y - 0.8F) < seam || std::abs(back - 0.05F) < seam) && p.x > s.screen_foot * s.length;
  Surface out{paint_, 0.055F, gloss_};
  if (side_seam || top_seam) out.albedo = out.albedo * 0.25F;
  const float dirt = dirt_ * smoothstep(0.55F, 0.15F, z);
  out.albedo = mix(out.albedo, {0.16F, 0.14F, 0.11F}, dirt);
  out.mirror *= 1 - 0.7F * dirt_;
  out.occluded = smoothstep(0.45F, 0.1F, p.z) * 0.5F;
  return out;
}

Surface Car::cabin(Vec3 p, Vec3 normal) const {
  const CarShape& s = shape_;
  const Surface glass{{0.012F, 0.014F, 0.016F}, 0.16F, 200};
  const float belt = s.belt * s.height, pillar = 0.055F;
  const float inside = s.width / 2 * s.roof_narrow - 0.03F;
  const float top = s.height - 0.13F - 0.06F * s.boxy;
  if (normal.z > 0.86F) {  // the roof
    Surface roof{black_roof_ ? Rgb{0.012F, 0.012F, 0.013F} : paint_, 0.055F, gloss_};
    roof.mirror *= 1 - 0.5F * dirt_;
    return roof;
  }
  Surface frame{paint_, 0.055F, gloss_};
  if (p.x > s.screen_top * s.length && normal.x > std::abs(normal.y) * 0.75F)
    return std::abs(p.y) < inside + (s.height - p.z) * 0.12F && p.z > belt - 0.02F ? glass : frame;
  if (p.x < s.roof_end * s.length && normal.x < -0.75F * std::abs(normal.y))
    return std::abs(p.y) < inside - 0.04F && p.z > belt + 0.06F && s.windows_behind ? glass : frame;
  if (p.z < belt + 0.035F || p.z > std::min(top, roof_at(p.x) - 0.10F)) return frame;
  const float door = 0.02F * s.length, behind = -0.24F * s.length;
  if (std::abs(p.x - door) < pillar || std::abs(p.x - behind) < pillar * 0.8F) return frame;
  if (!s.windows_behind && p.x < door) return frame;
  return glass;
}

Surface Car::surface(Vec3 local, Vec3 normal, std::uint8_t material, float lights, bool braking) const {
  switch (material) {
    case kBody:
      return body(local, normal, lights, braking);
    case kCabin:
      return cabin(local, normal);
    case kTyre:
      return wheel(local, normal);
    case kMirror:
      return {paint_, 0.055F, gloss_};
    default:
      return {{0.02F, 0.02F, 0.02F}, 0.02F, 15};
  }
}

}  // namespace perch::scenes::lot
