#include "scenes/lot/grounds.hpp"

#include <array>

#include "scenes/core/noise.hpp"

namespace perch::scenes::lot {

namespace {

enum Material : std::uint8_t { kAsphalt, kBeyond, kPaint, kKerb, kSoil, kLeaf, kBark, kMetal, kLampHead, kWall, kRoof };

/// Soft cells of random shade: the grain of walls, soil and bark.
float grain(Vec3 p, float size, std::uint32_t seed, float footprint) {
  return fractal_noise((p.x + 0.6F * p.z) / size, (p.y + 0.8F * p.z) / size, seed, 3, footprint / size);
}

}  // namespace

Grounds::Grounds(const Layout& layout, Random random)
    : layout_(layout),
      noise_seed_(static_cast<std::uint32_t>(random.of(1).bits())) {
  Random draw = random.of(2);
  asphalt_ = draw.between(0.075F, 0.2F);
  stains_ = draw.between(0.15F, 0.5F);
  wear_ = draw.between(0.05F, 0.6F);
  paint_colour_ = draw.chance(0.68F) ? Rgb{0.62F, 0.62F, 0.60F} : Rgb{0.62F, 0.47F, 0.12F};
  leaf_colour_ = mix(Rgb{0.055F, 0.11F, 0.03F}, Rgb{0.13F, 0.17F, 0.05F}, draw.uniform());
  static constexpr std::array<Rgb, 4> kWalls{
      {{0.45F, 0.42F, 0.36F}, {0.33F, 0.17F, 0.12F}, {0.55F, 0.54F, 0.52F}, {0.42F, 0.32F, 0.2F}}};
  wall_ = draw.pick(std::span(kWalls));
  beyond_green_ = draw.chance(0.6F);
  beyond_ = beyond_green_ ? Rgb{0.075F, 0.115F, 0.035F} : Rgb{0.24F, 0.225F, 0.20F};
  add_ground();
  add_markings(random.of(3));
  add_islands(random.of(4));
  add_lamps(random.of(5));
  add_trees(random.of(6));
  add_house(random.of(7));
}

void Grounds::add_ground() {
  const auto rect = [&](Vec2 a, Vec2 b, float z, std::uint8_t material) {
    ground_.add_quad({a.x, a.y, z}, {b.x, a.y, z}, {b.x, b.y, z}, {a.x, b.y, z}, material);
  };
  const Vec2 low = layout_.paved_from, high = layout_.paved_to;
  // Drawn from near to far in the sense of what hides what: all of it lies at one height, so nothing may overlap.
  rect(low, high, 0, kAsphalt);
  for (const float x : {layout_.left_lane_x, layout_.right_lane_x})
    rect({x - 2.6F, layout_.street_y - 2}, {x + 2.6F, low.y}, 0, kAsphalt);
  const float street_low = layout_.street_y - 9, street_high = layout_.street_y - 2;
  rect({-150, street_low}, {150, street_high}, 0, kAsphalt);
  rect({-150, -150}, {150, street_low}, 0, kBeyond);
  rect({-150, high.y}, {150, 150}, 0, kBeyond);
  rect({-150, street_high}, {layout_.left_lane_x - 2.6F, low.y}, 0, kBeyond);
  rect({layout_.left_lane_x + 2.6F, street_high}, {layout_.right_lane_x - 2.6F, low.y}, 0, kBeyond);
  rect({layout_.right_lane_x + 2.6F, street_high}, {150, low.y}, 0, kBeyond);
  rect({-150, low.y}, {low.x, high.y}, 0, kBeyond);
  rect({high.x, low.y}, {150, high.y}, 0, kBeyond);

  const auto kerb = [&](Vec2 a, Vec2 b) {
    const Vec2 d = b - a;
    objects_.add_box({(a.x + b.x) / 2, (a.y + b.y) / 2, 0.06F}, {length(d), 0.16F, 0.12F}, kKerb, std::atan2(d.y, d.x));
  };
  kerb({low.x, low.y}, {low.x, high.y});
  kerb({high.x, low.y}, {high.x, high.y});
  kerb({low.x, high.y}, {high.x, high.y});
  kerb({low.x, low.y}, {layout_.left_lane_x - 2.7F, low.y});
  kerb({layout_.left_lane_x + 2.7F, low.y}, {layout_.right_lane_x - 2.7F, low.y});
  kerb({layout_.right_lane_x + 2.7F, low.y}, {high.x, low.y});
}

void Grounds::add_line(Vec2 from, Vec2 to, float wide) {
  const Vec2 d = to - from;
  const Vec2 side = Vec2{-d.y, d.x} * (wide / 2 / std::max(length(d), 0.01F));
  const auto p = [](Vec2 v) { return Vec3{v.x, v.y, 0.004F}; };
  paint_.add_quad(p(from - side), p(to - side), p(to + side), p(from + side), kPaint);
}

void Grounds::add_markings(Random random) {
  const float wide = random.between(0.09F, 0.16F);
  const int style = random.integer(0, 2);  // single lines; lines with a crossbar; boxes
  for (const Slot& slot : layout_.slots) {
    const auto& c = slot.corners;
    const Vec2 in = c[3] - c[0];
    const float open = style == 0 ? random.between(0.0F, 0.02F) : 0.0F;
    add_line(c[0] + in * open, c[3], wide);
    add_line(c[1] + in * open, c[2], wide);
    if (style == 1) {
      const Vec2 along = (c[1] - c[0]) * 0.16F;
      add_line(c[0] - along, c[0] + along, wide);
      add_line(c[1] - along, c[1] + along, wide);
    }
    if (style == 2) add_line(c[3], c[2], wide);
  }
  if (random.chance(0.7F))
    for (const float y : layout_.aisles_y)
      for (float x = 3; x < layout_.right_lane_x - 6; x += 9) {
        add_line({x, y}, {x + 2.2F, y}, 0.14F);
        add_line({x + 1.5F, y - 0.45F}, {x + 2.3F, y + 0.03F}, 0.14F);
        add_line({x + 1.5F, y + 0.45F}, {x + 2.3F, y - 0.03F}, 0.14F);
      }
  const float middle = layout_.street_y - 5.5F;
  for (float x = -90; x < 90; x += 6) add_line({x, middle}, {x + 3, middle}, 0.13F);
  add_line({layout_.right_lane_x - 2.3F, layout_.gate_y}, {layout_.right_lane_x + 2.3F, layout_.gate_y}, 0.35F);
}

void Grounds::add_bush(Vec3 at, Vec3 size, int leaves, Random random) {
  for (int i = 0; i < leaves; ++i) {
    const float up = std::acos(random.between(-0.55F, 1)), around = random.between(0, 2 * kPi);
    const float deep = std::sqrt(random.between(0.3F, 1));
    const Vec3 out{std::sin(up) * std::cos(around), std::sin(up) * std::sin(around), std::cos(up)};
    const Vec3 centre = at + out * size * deep;
    const Vec3 normal =
        normalised(out + Vec3{random.between(-0.8F, 0.8F), random.between(-0.8F, 0.8F), random.between(-0.3F, 0.9F)});
    const Vec3 a = normalised(cross(normal, {random.normal(), random.normal(), 0.5F}));
    const float leaf = random.between(0.10F, 0.24F) * std::cbrt(std::max(size.z, 0.5F));
    const Vec3 u = a * leaf, v = cross(normal, a) * (leaf * random.between(0.4F, 0.8F));
    leaves_.add_quad(centre - u - v, centre + u - v * 0.6F, centre + u + v, centre - u + v * 0.7F, kLeaf);
    for (std::size_t k = leaves_.vertices.size() - 4; k < leaves_.vertices.size(); ++k)
      leaves_.vertices[k].normal = normalised(normal + out * 1.3F);
  }
}

void Grounds::add_tree(Vec2 at, float height, Random random) {
  const Vec3 foot{at.x, at.y, 0};
  const Vec3 crotch{at.x + random.between(-0.3F, 0.3F), at.y + random.between(-0.3F, 0.3F), height * 0.42F};
  objects_.add_limb(foot, crotch, 0.035F * height, 0.024F * height, kBark, 8);
  const int boughs = random.integer(4, 7);
  for (int i = 0; i < boughs; ++i) {
    const float turn = 2 * kPi * static_cast<float>(i) / static_cast<float>(boughs) + random.between(-0.4F, 0.4F);
    const float out = height * random.between(0.1F, 0.24F);
    const Vec3 end{crotch.x + out * std::cos(turn), crotch.y + out * std::sin(turn),
                   height * random.between(0.55F, 0.85F)};
    objects_.add_limb(crotch, end, 0.014F * height, 0.006F * height, kBark, 6);
    const float r = height * random.between(0.13F, 0.2F);
    add_bush(end, {r, r, r * 0.8F}, 190, random.of(i));
  }
}

void Grounds::add_islands(Random random) {
  for (const float y : layout_.islands_y) {
    const float half = 0.45F;
    const float middle = (layout_.island_from_x + layout_.island_to_x) / 2;
    objects_.add_box({middle, y, 0.065F}, {layout_.island_to_x - layout_.island_from_x, 2 * half, 0.13F}, kSoil);
    for (const float side : {-1.0F, 1.0F})
      objects_.add_box({middle, y + side * (half + 0.05F), 0.07F},
                       {layout_.island_to_x - layout_.island_from_x + 0.2F, 0.13F, 0.15F}, kKerb);
    const bool hedge = random.chance(0.4F);
    for (float x = layout_.island_from_x + 0.7F; x < layout_.island_to_x - 0.5F;
         x += hedge ? 0.9F : random.between(1.8F, 4.5F)) {
      const float r = hedge ? 0.42F : random.between(0.25F, 0.55F);
      add_bush({x, y, 0.1F + r * 0.8F}, {hedge ? 0.6F : r, r, hedge ? 0.5F : r * 1.1F}, hedge ? 90 : 110,
               random.of(static_cast<int>(x * 100)));
    }
  }
}

void Grounds::add_lamps(Random random) {
  const float height = random.between(5.5F, 9);
  std::vector<Vec2> feet;
  for (const float y : layout_.islands_y)
    for (const float share : {0.2F, 0.8F}) feet.push_back({mix(layout_.island_from_x, layout_.island_to_x, share), y});
  const Vec2 low = layout_.paved_from, high = layout_.paved_to;
  for (const float share : {0.25F, 0.75F}) {
    feet.push_back({mix(low.x, high.x, share), low.y - 0.6F});
    feet.push_back({mix(low.x, high.x, share), high.y + 0.6F});
  }
  for (const Vec2& foot : feet) {
    const Vec3 top{foot.x, foot.y, height};
    objects_.add_limb({foot.x, foot.y, 0}, top, 0.075F, 0.05F, kMetal, 8, false);
    const float middle_y = (low.y + high.y) / 2;
    const bool inside = std::abs(foot.y - middle_y) < (high.y - low.y) / 4;
    for (const float side : {-1.0F, 1.0F}) {
      if (!inside && side * (middle_y - foot.y) < 0) continue;
      const Vec3 head{foot.x, foot.y + side * 1.1F, height + 0.12F};
      objects_.add_limb(top, head, 0.04F, 0.035F, kMetal, 6, false);
      objects_.add_box(head, {0.28F, 0.62F, 0.1F}, kLampHead);
      lamp_heads_.push_back(head - Vec3{0, 0, 0.12F});
    }
  }
}

void Grounds::add_trees(Random random) {
  const Vec2 low = layout_.paved_from, high = layout_.paved_to;
  const int count = random.integer(4, 12);
  for (int i = 0; i < count; ++i) {
    Random tree = random.of(10, i);
    const float share = tree.uniform();
    Vec2 at;
    switch (tree.integer(0, 2)) {
      case 0:
        at = {low.x - tree.between(2.5F, 11), mix(low.y, high.y, share)};
        break;
      case 1:
        at = {high.x + tree.between(2.5F, 11), mix(low.y, high.y, share)};
        break;
      default:
        at = {mix(low.x, high.x, share), high.y + tree.between(3.0F, 10)};
        break;
    }
    if (tree.chance(0.35F))
      add_bush({at.x, at.y, 0.6F}, {tree.between(0.6F, 1.6F), tree.between(0.6F, 1.6F), tree.between(0.5F, 1)}, 240,
               tree);
    else
      add_tree(at, tree.between(4, 9), tree);
  }
}

void Grounds::add_house(Random random) {
  if (random.chance(0.3F)) return;
  const Vec2 high = layout_.paved_to;
  const float wide = random.between(18, 50), deep = random.between(8, 14), tall = random.between(4, 12);
  const float x = random.between(layout_.paved_from.x, high.x);
  const Vec3 centre{x, high.y + random.between(9, 16) + deep / 2, tall / 2};
  objects_.add_box(centre, {wide, deep, tall}, kWall);
  objects_.add_box({centre.x, centre.y, tall + 0.15F}, {wide + 0.5F, deep + 0.5F, 0.3F}, kRoof);
}

Surface Grounds::asphalt(const Fragment& f, float wet) const {
  const float x = f.at.x, y = f.at.y, px = f.footprint_m * 2;
  const float broad = fractal_noise(x * 0.13F, y * 0.13F, noise_seed_, 5, px * 0.13F, 0.68F);
  const float middle = fractal_noise(x * 0.9F, y * 0.9F, noise_seed_ + 1, 3, px * 0.9F);
  const float fine = fractal_noise(x * 9, y * 9, noise_seed_ + 2, 2, px * 9);
  float albedo = asphalt_ * (1 + stains_ * broad + 0.35F * stains_ * middle + 0.13F * fine);
  // Patches where it was opened and mended, and cracks.
  const float cell_x = std::floor(x / 7 + 0.3F * std::floor(y / 5)), cell_y = std::floor(y / 5);
  if (value_noise(cell_x * 3.7F + 0.5F, cell_y * 5.1F + 0.5F, noise_seed_ + 3) > 0.55F &&
      std::abs(x / 7 + 0.3F * cell_y - cell_x - 0.5F) < 0.22F && std::abs(y / 5 - cell_y - 0.5F) < 0.3F)
    albedo *= 0.78F;
  const float old = smoothstep(0.15F, 0.7F, value_noise(x * 0.17F, y * 0.17F, noise_seed_ + 7));
  if (old > 0) {
    const float crack = std::abs(fractal_noise(x * 0.5F, y * 0.5F, noise_seed_ + 4, 5, px * 0.5F, 0.62F));
    albedo *= 1 - 0.4F * old * smoothstep(0.012F + px * 0.4F, 0.002F, crack);
  }
  // Wheels polish the middle of the aisles.
  for (const float aisle : layout_.aisles_y)
    albedo *= 1 + 0.12F * smoothstep(1.4F, 0.3F, std::abs(std::abs(y - aisle + 0.3F * broad) - 0.85F));
  // Oil drips where cars stand.
  const float drip = fractal_noise(x * 1.7F, y * 1.7F, noise_seed_ + 5, 2, px * 1.7F);
  albedo *= 1 - 0.5F * stains_ * smoothstep(0.45F, 0.8F, drip);
  Surface out{Rgb{1.0F, 0.985F, 0.955F} * std::max(albedo, 0.02F)};
  if (wet > 0) {
    const float puddle = smoothstep(0.25F, 0.6F, fractal_noise(x * 0.3F, y * 0.3F, noise_seed_ + 6, 3, px * 0.3F));
    out.albedo = out.albedo * (1 - wet * (0.42F + 0.2F * puddle));
    out.mirror = wet * mix(0.035F, 0.11F, puddle);
    out.gloss = 120;
  }
  return out;
}

Surface Grounds::surface(const Fragment& f, float wet, float lamps) const {
  const float px = f.footprint_m * 2;
  switch (f.material) {
    case kAsphalt:
      return asphalt(f, wet);
    case kPaint: {
      const Surface under = asphalt(f, wet);
      const float worn = fractal_noise(f.at.x * 3.1F, f.at.y * 3.1F, noise_seed_ + 8, 4, px * 3);
      Surface out = under;
      out.albedo = mix(under.albedo, paint_colour_ * (1 - 0.25F * wet),
                       smoothstep(0.55F, -0.2F, worn + (wear_ - 0.35F) * 1.6F) * 0.95F);
      return out;
    }
    case kBeyond: {
      const float n = fractal_noise(f.at.x * 0.23F, f.at.y * 0.23F, noise_seed_ + 9, 5, px * 0.23F, 0.6F);
      const float blades = fractal_noise(f.at.x * 5, f.at.y * 5, noise_seed_ + 10, 2, px * 5);
      const Rgb dry{0.16F, 0.14F, 0.07F};
      const Rgb base = beyond_green_ ? mix(beyond_, dry, smoothstep(0.0F, 0.9F, n)) : beyond_ * (1 + 0.2F * n);
      return {base * ((1 + 0.25F * blades) * (1 - 0.3F * wet))};
    }
    case kKerb:
      return {Rgb{0.33F, 0.32F, 0.30F} * ((1 + 0.25F * grain(f.at, 0.4F, noise_seed_ + 11, px)) * (1 - 0.4F * wet))};
    case kSoil: {
      const float n = grain(f.at, 0.25F, noise_seed_ + 12, px);
      return {mix(Rgb{0.10F, 0.075F, 0.05F}, Rgb{0.21F, 0.2F, 0.18F}, 0.5F + 0.5F * n) * (1 - 0.4F * wet)};
    }
    case kLeaf: {
      const float n = grain(f.at, 0.22F, noise_seed_ + 13, px * 0.5F), m = grain(f.at, 2, noise_seed_ + 14, px);
      Surface out{leaf_colour_ * (1 + 0.55F * n + 0.25F * m)};
      out.through = 0.35F;
      return out;
    }
    case kBark:
      return {Rgb{0.10F, 0.075F, 0.055F} * (1 + 0.4F * grain(f.at, 0.2F, noise_seed_ + 15, px))};
    case kMetal:
      return {{0.30F, 0.31F, 0.32F}, 0.06F, 20};
    case kLampHead:
      return {{0.4F, 0.4F, 0.4F}, 0.02F, 20, f.normal.z < -0.5F ? Rgb{9, 8.4F, 7} * lamps : Rgb{}};
    case kWall: {
      const float u = std::abs(f.normal.x) > 0.5F ? f.at.y : f.at.x;
      const bool window = std::abs(u / 3.2F - std::round(u / 3.2F)) < 0.21F &&
                          std::abs(f.at.z / 3.1F - std::floor(f.at.z / 3.1F) - 0.55F) < 0.24F;
      if (window) {
        const bool lit =
            value_noise(std::round(u / 3.2F) * 7.7F, std::floor(f.at.z / 3.1F) * 9.1F, noise_seed_) > 0.15F;
        return {{0.03F, 0.035F, 0.04F}, 0.12F, 100, lit ? Rgb{0.35F, 0.27F, 0.15F} * lamps : Rgb{}};
      }
      return {wall_ * (1 + 0.12F * grain(f.at, 1.5F, noise_seed_ + 16, px))};
    }
    default:
      return {{0.12F, 0.11F, 0.105F}};
  }
}

}  // namespace perch::scenes::lot
