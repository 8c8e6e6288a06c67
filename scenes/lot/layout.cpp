#include "scenes/lot/layout.hpp"

namespace perch::scenes::lot {

namespace {

constexpr int kSlots = 40;
constexpr float kLane_m = 4;  ///< from the middle of a lane to the first slot

void add_row(Layout& layout, int aisle, int count, float entrance_y, float far_y, float wide, float slant) {
  const bool up = far_y > entrance_y;
  for (int i = 0; i < count; ++i) {
    Slot slot;
    slot.aisle = aisle;
    const float x = wide * static_cast<float>(i);
    const Vec2 near_low{x, entrance_y}, near_high{x + wide, entrance_y};
    const Vec2 far_low{x + slant, far_y}, far_high{x + wide + slant, far_y};
    if (up)
      slot.corners = {near_low, near_high, far_high, far_low};
    else
      slot.corners = {near_high, near_low, far_low, far_high};
    for (const Vec2& c : slot.corners) slot.centre = slot.centre + c * 0.25F;
    slot.heading = std::atan2(far_y - entrance_y, slant);
    layout.slots.push_back(slot);
  }
}

}  // namespace

Layout Layout::of(Random random) {
  Layout layout;
  const int aisles = random.chance(0.8F) ? 2 : 1;
  const int per_row = kSlots / (2 * aisles);
  const float wide = random.between(2.4F, 2.75F);
  const float deep = random.between(4.8F, 5.3F);
  const float slant = random.chance(0.35F) ? deep * random.between(0.25F, 0.6F) : 0;
  const float slot_width = wide * std::sqrt(1 + slant * slant / (deep * deep));
  const float island = random.chance(0.7F) ? random.between(1.0F, 2.2F) : 0.15F;
  layout.aisle_width = random.between(6.0F, 7.0F);
  float y = 0;
  for (int a = 0; a < aisles; ++a) {
    if (a > 0) {
      layout.islands_y.push_back(y + island / 2);
      y += island;
    }
    layout.aisles_y.push_back(y + deep + layout.aisle_width / 2);
    add_row(layout, a, per_row, y + deep, y, slot_width, slant);
    add_row(layout, a, per_row, y + deep + layout.aisle_width, y + 2 * deep + layout.aisle_width, slot_width, slant);
    y += 2 * deep + layout.aisle_width;
  }
  const float right = slot_width * static_cast<float>(per_row) + slant;
  layout.left_lane_x = -kLane_m;
  layout.right_lane_x = right + kLane_m;
  layout.island_from_x = slant * 0.5F;
  layout.island_to_x = right - slant * 0.5F;
  if (island < 0.5F) layout.islands_y.clear();
  layout.paved_from = {-2 * kLane_m, -0.4F};
  layout.paved_to = {right + 2 * kLane_m, y + 0.4F};
  return layout;
}

ViewPoint view_of(const Layout& layout, Random random, int width, int height) {
  const Vec2 middle = (layout.slots.front().centre + layout.slots.back().centre) * 0.5F;
  const float turn = random.between(-0.75F, 0.75F) + (random.chance(0.5F) ? 0.0F : kPi) - kPi / 2;
  const float up = random.between(0.45F, 0.85F);
  const float half_fov = random.between(0.38F, 0.62F);
  const float roll = random.between(-0.03F, 0.03F);
  const float focal = static_cast<float>(width) / 2 / std::tan(half_fov);
  const Vec3 back{std::cos(turn) * std::cos(up), std::sin(turn) * std::cos(up), std::sin(up)};

  const auto look = [&](float away, Vec2 at) {
    const Vec3 target{at.x, at.y, 0.5F};
    return ViewPoint(target + back * away, target, roll, focal, width, height);
  };
  // Nearer and nearer, and turned to where the slots are, until they fill the picture.
  const float margin_x = 0.03F * static_cast<float>(width), margin_y = 0.05F * static_cast<float>(height);
  Vec2 target = middle;
  ViewPoint best = look(90, target);
  for (float away = 90; away > 12; away -= 0.5F) {
    const ViewPoint view = look(away, target);
    Vec2 low{1e9F, 1e9F}, high{-1e9F, -1e9F};
    bool before = true;
    for (const Slot& slot : layout.slots)
      for (const Vec2& c : slot.corners)
        for (const float z : {0.0F, 1.6F}) {
          const Vec3 in = view.in({c.x, c.y, z});
          before = before && in.z > 1;
          const Point p = view.to_px(in);
          low = {std::min(low.x, p.x), std::min(low.y, p.y)};
          high = {std::max(high.x, p.x), std::max(high.y, p.y)};
        }
    const bool fits = before && high.x - low.x < static_cast<float>(width) - 2 * margin_x &&
                      high.y - low.y < static_cast<float>(height) - 2 * margin_y;
    if (!fits) break;
    const bool within = low.x >= margin_x && high.x <= static_cast<float>(width) - margin_x && low.y >= margin_y &&
                        high.y <= static_cast<float>(height) - margin_y;
    if (within) best = view;
    const float off_x = ((low.x + high.x) - static_cast<float>(width)) / 2;
    const float off_y = ((low.y + high.y) - static_cast<float>(height)) / 2;
    const Vec3 ray =
        view.ray(static_cast<float>(width) / 2 + off_x * 0.3F, static_cast<float>(height) / 2 + off_y * 0.3F);
    if (ray.z < -0.05F) {
      const Vec3 hit = view.eye() + ray * (view.eye().z / -ray.z);
      target = {hit.x, hit.y};
    }
  }
  return best;
}

}  // namespace perch::scenes::lot
