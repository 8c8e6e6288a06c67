#include "scenes/core/figure.hpp"

#include "scenes/core/noise.hpp"

namespace perch::scenes {

namespace {

enum Material : std::uint8_t { kSkin, kHair, kTop, kBottom, kShoe, kEye };

// Shares of the body's height.
constexpr float kHipWide = 0.052F;
constexpr float kShoulderWide = 0.108F;
constexpr float kThigh = 0.245F;
constexpr float kShank = 0.246F;
constexpr float kFoot = 0.04F;
constexpr float kTrunk = 0.30F;
constexpr float kUpperArm = 0.17F;
constexpr float kForearm = 0.15F;
constexpr float kHead = 0.066F;

/// Turns `b` towards `a` by an angle: the new `a` axis.
Vec3 turned(Vec3 a, Vec3 b, float angle) {
  return a * std::cos(angle) + b * std::sin(angle);
}

}  // namespace

BodyPose blend(const BodyPose& a, const BodyPose& b, float t) {
  BodyPose out;
  const auto both = [&](float BodyPose::* part) { out.*part = mix(a.*part, b.*part, t); };
  for (const auto part : {&BodyPose::pelvis_m, &BodyPose::lean, &BodyPose::bend, &BodyPose::nod, &BodyPose::look,
                          &BodyPose::tip, &BodyPose::roll})
    both(part);
  for (const auto part :
       {&BodyPose::hip, &BodyPose::spread, &BodyPose::knee, &BodyPose::shoulder, &BodyPose::arm_out, &BodyPose::elbow})
    for (std::size_t side = 0; side < 2; ++side) (out.*part)[side] = mix((a.*part)[side], (b.*part)[side], t);
  return out;
}

BodyPose walking_pose(float phase, float vigour) {
  BodyPose pose;
  pose.lean = 0.05F * vigour;
  for (std::size_t side = 0; side < 2; ++side) {
    const float p = 2 * kPi * (phase + (side == 0 ? 0.0F : 0.5F));
    pose.hip[side] = vigour * (0.08F + 0.42F * std::sin(p));
    pose.knee[side] = vigour * (0.12F + 0.55F * std::max(0.0F, std::cos(p)));
    pose.shoulder[side] = -vigour * 0.38F * std::sin(p);
    pose.elbow[side] = 0.22F + 0.25F * vigour * std::max(0.0F, -std::sin(p));
    pose.arm_out[side] = 0.1F;
  }
  return pose;
}

BodyTraits BodyTraits::of(Random random) {
  static constexpr std::array<Rgb, 5> kSkins{{{0.72F, 0.48F, 0.36F},
                                              {0.60F, 0.37F, 0.26F},
                                              {0.42F, 0.24F, 0.15F},
                                              {0.23F, 0.12F, 0.07F},
                                              {0.12F, 0.06F, 0.035F}}};
  static constexpr std::array<Rgb, 5> kHairs{{{0.015F, 0.012F, 0.01F},
                                              {0.06F, 0.03F, 0.015F},
                                              {0.20F, 0.11F, 0.04F},
                                              {0.45F, 0.31F, 0.14F},
                                              {0.45F, 0.45F, 0.45F}}};
  const auto cloth = [&](float most) {
    const float value = random.chance(0.4F) ? random.between(0.015F, 0.08F) : random.between(0.08F, most);
    const Rgb colour{random.uniform(), random.uniform(), random.uniform()};
    return mix(Rgb{1, 1, 1}, colour, random.chance(0.45F) ? 0.15F : 0.85F) * value;
  };
  BodyTraits t;
  const bool child = random.chance(0.06F);
  t.height = child ? random.between(1.05F, 1.5F) : random.between(1.54F, 1.92F);
  t.build = random.between(0.86F, 1.22F);
  t.skin = mix(random.pick(std::span(kSkins)), random.pick(std::span(kSkins)), random.uniform());
  t.hair = random.pick(std::span(kHairs));
  t.top = cloth(0.75F);
  t.top_second = cloth(0.75F);
  t.bottom = random.chance(0.45F) ? Rgb{0.03F, 0.05F, 0.11F} * random.between(0.5F, 2.2F) : cloth(0.4F);
  t.shoes = random.chance(0.3F) ? Rgb{0.6F, 0.6F, 0.6F} : cloth(0.1F);
  static constexpr std::array<float, 4> kPatterns{6, 1.6F, 1, 1.4F};
  t.pattern = static_cast<int>(random.weighted(kPatterns));
  t.sleeve = random.chance(0.5F) ? 1 : random.chance(0.8F) ? 0.5F : 0;
  t.skirt = random.chance(0.14F);
  t.trouser = t.skirt ? 0 : random.chance(0.22F) ? 0.5F : 1;
  t.long_hair = random.chance(0.4F);
  t.bald = !t.long_hair && random.chance(0.1F);
  return t;
}

void Figure::pose(const BodyTraits& traits, const BodyPose& pose) {
  traits_ = traits;
  pose_ = pose;
  mesh_.clear();
  const float h = traits.height;

  // The whole body: tipped, then rolled about its own length.
  Axes hips{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  hips.z = turned({0, 0, 1}, {1, 0, 0}, pose.tip);
  hips.x = turned({1, 0, 0}, {0, 0, -1}, pose.tip);
  const Axes tipped = hips;
  hips.x = turned(tipped.x, tipped.y, pose.roll);
  hips.y = turned(tipped.y, tipped.x * -1.0F, pose.roll);
  Axes chest = hips;
  chest.z = turned(turned(hips.z, hips.x, pose.lean), hips.y, pose.bend);
  chest.y = normalised(hips.y - chest.z * dot(hips.y, chest.z));
  chest.x = cross(chest.y, chest.z);
  Axes head = chest;
  head.x = turned(chest.x, chest.y, pose.look);
  head.z = turned(chest.z, head.x, pose.nod);
  head.y = normalised(cross(head.z, head.x));
  head.x = cross(head.y, head.z);

  float pelvis_z = pose.pelvis_m;
  if (pelvis_z < 0) {
    pelvis_z = 0;
    for (std::size_t side = 0; side < 2; ++side)
      pelvis_z = std::max(pelvis_z, h * (kThigh * std::cos(pose.hip[side]) * std::cos(pose.spread[side]) +
                                         kShank * std::cos(pose.hip[side] - pose.knee[side]) + kFoot));
  }
  pelvis_ = {0, 0, pelvis_z};
  chest_ = chest;
  const Vec3 neck = pelvis_ + chest.z * (kTrunk * h);
  add_trunk(hips, chest, pelvis_, neck);
  add_head(head, neck);
  for (std::size_t side = 0; side < 2; ++side) {
    const float left = side == 0 ? 1.0F : -1.0F;
    add_leg(side, hips, pelvis_ + hips.y * (left * kHipWide * h));
    add_arm(side, chest, neck + chest.y * (left * kShoulderWide * h) - chest.z * (0.026F * h));
  }
  if (traits.skirt) add_skirt(hips, pelvis_);
}

void Figure::add_trunk(const Axes& hips, const Axes& chest, Vec3 pelvis, Vec3 neck) {
  const float h = traits_.height, b = traits_.build;
  std::vector<std::vector<Vec3>> rings;
  const auto ring = [&](Vec3 centre, const Axes& axes, float wide, float deep) {
    constexpr int kSides = 14;
    std::vector<Vec3> out;
    for (int i = 0; i < kSides; ++i) {
      const float a = 2 * kPi * static_cast<float>(i) / kSides;
      out.push_back(centre + axes.x * (std::cos(a) * deep * h) + axes.y * (std::sin(a) * wide * h));
    }
    rings.push_back(std::move(out));
  };
  const Vec3 up = neck - pelvis;
  ring(pelvis - hips.z * (0.055F * h), hips, 0.055F * b, 0.05F * b);
  ring(pelvis - hips.z * (0.02F * h), hips, 0.094F * b, 0.068F * b);
  ring(pelvis + up * 0.18F, hips, 0.094F * b, 0.066F * b);
  mesh_.add_skin(rings, kBottom);
  rings.clear();
  ring(pelvis + up * 0.06F, hips, 0.099F * b, 0.073F * b);
  ring(pelvis + up * 0.35F, chest, 0.087F * b, 0.064F * b);
  ring(pelvis + up * 0.68F, chest, 0.103F * b, 0.071F * b);
  ring(pelvis + up * 0.88F, chest, 0.109F * std::sqrt(b), 0.062F);
  ring(pelvis + up * 0.965F, chest, 0.085F, 0.047F);
  ring(pelvis + up * 1.02F, chest, 0.036F, 0.036F);
  mesh_.add_skin(rings, kTop);
}

void Figure::add_head(const Axes& head, Vec3 neck) {
  const float h = traits_.height, r = kHead * std::sqrt(h * 1.72F);
  const Vec3 centre = neck + head.z * (0.035F * h + r * 1.05F) + head.x * (0.012F * h);
  mesh_.add_limb(neck - head.z * 0.02F, centre - head.z * (0.5F * r), 0.032F * h, 0.03F * h, kSkin, 10, false);
  mesh_.add_ellipsoid(centre, head.x * (0.88F * r), head.y * (0.74F * r), head.z * (1.08F * r), kSkin, 14);
  mesh_.add_ellipsoid(centre + head.x * (0.9F * r) - head.z * (0.12F * r), head.x * (0.16F * r), head.y * (0.11F * r),
                      head.z * (0.2F * r), kSkin, 6);
  if (!traits_.bald) {
    mesh_.add_ellipsoid(centre - head.x * (0.16F * r) + head.z * (0.22F * r), head.x * (0.92F * r),
                        head.y * (0.83F * r), head.z * (0.98F * r), kHair, 14);
    if (traits_.long_hair)
      mesh_.add_ellipsoid(centre - head.x * (0.5F * r) - head.z * (0.75F * r), head.x * (0.42F * r),
                          head.y * (0.72F * r), head.z * (1.15F * r), kHair, 12);
  }
  points_[0] = centre + head.x * (1.0F * r) - head.z * (0.1F * r);
  for (std::size_t side = 0; side < 2; ++side) {
    const float left = side == 0 ? 1.0F : -1.0F;
    points_[1 + side] = centre + head.x * (0.76F * r) + head.y * (left * 0.33F * r) + head.z * (0.14F * r);
    points_[3 + side] = centre - head.x * (0.04F * r) + head.y * (left * 0.77F * r);
    mesh_.add_ellipsoid(points_[1 + side], head.x * (0.07F * r), head.y * (0.13F * r), head.z * (0.08F * r), kEye, 6);
    mesh_.add_ellipsoid(points_[3 + side], head.x * (0.16F * r), head.y * (0.09F * r), head.z * (0.24F * r), kSkin, 6);
  }
}

void Figure::add_leg(std::size_t side, const Axes& hips, Vec3 hip) {
  const float h = traits_.height, b = std::sqrt(traits_.build), out = side == 0 ? 1.0F : -1.0F;
  const Vec3 down = hips.z * -1.0F;
  Vec3 thigh = turned(down, hips.x, pose_.hip[side]);
  thigh = normalised(turned(thigh, hips.y * out, pose_.spread[side]));
  const Vec3 ahead = normalised(cross(hips.y, thigh * -1.0F));
  const Vec3 shank = normalised(turned(thigh, ahead * -1.0F, pose_.knee[side]));
  const Vec3 toes = normalised(cross(hips.y, shank * -1.0F));
  const Vec3 knee = hip + thigh * (kThigh * h), ankle = knee + shank * (kShank * h);
  points_[11 + side] = hip;
  points_[13 + side] = knee;
  points_[15 + side] = ankle;
  const float loose = traits_.trouser > 0 ? 1.1F : 1.0F;
  mesh_.add_limb(hip, knee, 0.052F * h * b * loose, 0.034F * h * b * loose, traits_.trouser > 0 ? kBottom : kSkin);
  const bool covered = traits_.trouser >= 1;
  mesh_.add_limb(knee, ankle, 0.032F * h * b * (covered ? 1.1F : 1.0F), 0.022F * h * (covered ? 1.35F : 1.0F),
                 covered ? kBottom : kSkin);
  const Vec3 sole = ankle + shank * (0.018F * h) + toes * (0.038F * h);
  mesh_.add_ellipsoid(sole, toes * (0.078F * h), hips.y * (0.027F * h), cross(toes, hips.y) * (0.024F * h), kShoe, 10);
}

void Figure::add_arm(std::size_t side, const Axes& chest, Vec3 shoulder) {
  const float h = traits_.height, b = std::sqrt(traits_.build), out = side == 0 ? 1.0F : -1.0F;
  Vec3 upper = turned(chest.z * -1.0F, chest.x, pose_.shoulder[side]);
  upper = normalised(turned(upper, chest.y * out, pose_.arm_out[side]));
  const Vec3 ahead = normalised(cross(chest.y, upper * -1.0F));
  const Vec3 inward = normalised(ahead - chest.y * (out * 0.35F));
  const Vec3 fore = normalised(turned(upper, inward, pose_.elbow[side]));
  const Vec3 elbow = shoulder + upper * (kUpperArm * h), wrist = elbow + fore * (kForearm * h);
  points_[5 + side] = shoulder;
  points_[7 + side] = elbow;
  points_[9 + side] = wrist;
  mesh_.add_limb(shoulder, elbow, 0.030F * h * b, 0.025F * h * b, traits_.sleeve > 0 ? kTop : kSkin);
  mesh_.add_limb(elbow, wrist, 0.024F * h * b, 0.017F * h, traits_.sleeve >= 1 ? kTop : kSkin);
  mesh_.add_ellipsoid(wrist + fore * (0.042F * h), fore * (0.048F * h), cross(fore, ahead) * (0.013F * h),
                      normalised(cross(cross(fore, ahead), fore)) * (0.024F * h), kSkin, 8);
}

void Figure::add_skirt(const Axes& hips, Vec3 pelvis) {
  const float h = traits_.height, b = traits_.build;
  const Vec3 knees = (points_[13] + points_[14]) * 0.5F;
  const Vec3 along = (knees - pelvis) * 0.95F;
  const Vec3 deep = normalised(cross(hips.y, along * -1.0F));
  std::vector<std::vector<Vec3>> rings;
  for (const float share : {1.0F, 0.5F, 0.0F}) {
    const float wide =
        mix(0.098F * b, 0.15F, share) + 0.35F * share * std::abs(dot(points_[13] - points_[14], deep)) / h;
    std::vector<Vec3> ring;
    constexpr int kSides = 16;
    for (int i = 0; i < kSides; ++i) {
      const float a = 2 * kPi * static_cast<float>(i) / kSides;
      const float fold = 1 + 0.08F * share * std::cos(5 * a);
      ring.push_back(pelvis + along * share + deep * (std::cos(a) * wide * 0.85F * h * fold) +
                     hips.y * (std::sin(a) * wide * h * fold));
    }
    rings.push_back(std::move(ring));
  }
  mesh_.add_skin(rings, kBottom);
}

Surface Figure::surface(Vec3 local, std::uint8_t material) const {
  const auto folds = [&](Rgb colour) {
    const float n = fractal_noise(local.x * 7 + local.z * 3, local.y * 7 + local.z * 9, 77, 2);
    return colour * (1 + 0.16F * n);
  };
  switch (material) {
    case kSkin:
      return {traits_.skin, 0.01F, 12};
    case kHair:
      return {traits_.hair * (1 + 0.25F * value_noise(local.x * 60, local.y * 60 + local.z * 15, 5)), 0.02F, 12};
    case kBottom:
      return {folds(traits_.bottom)};
    case kShoe:
      return {traits_.shoes, 0.02F};
    case kEye:
      return {{0.03F, 0.02F, 0.02F}, 0.04F};
    default:
      break;
  }
  const Vec3 from = local - pelvis_;
  const float up = dot(from, chest_.z), across = dot(from, chest_.y);
  bool second = false;
  if (traits_.pattern == 1) second = std::sin(up * 70) > 0;
  if (traits_.pattern == 2) second = (std::sin(up * 45) > 0) != (std::sin(across * 45) > 0);
  if (traits_.pattern == 3) second = up > 0.33F * kTrunk * traits_.height * 2;
  return {folds(second ? traits_.top_second : traits_.top)};
}

}  // namespace perch::scenes
