#include "scenes/lot/traffic.hpp"

namespace perch::scenes::lot {

namespace {

constexpr double kDay_s = 86'400;
constexpr float kWalk = 1.3F;       ///< m/s
constexpr float kTwoSteps = 1.45F;  ///< m

/// Somebody that far along a way, or nobody when the way is at its end.
bool put_walker(const std::vector<Vec2>& way, float walked, WalkerNow& out) {
  if (walked < 0) return false;
  out.phase = walked / kTwoSteps - std::floor(walked / kTwoSteps);
  for (std::size_t i = 0; i + 1 < way.size(); ++i) {
    const Vec2 d = way[i + 1] - way[i];
    const float piece = length(d);
    if (walked <= piece) {
      out.at = mix(way[i], way[i + 1], walked / std::max(piece, 0.01F));
      out.heading = std::atan2(d.y, d.x);
      return true;
    }
    walked -= piece;
  }
  return false;
}

float length_of(const std::vector<Vec2>& way) {
  float sum = 0;
  for (std::size_t i = 0; i + 1 < way.size(); ++i) sum += length(way[i + 1] - way[i]);
  return sum;
}

}  // namespace

void Traffic::at(double t_s, TrafficNow& out) {
  const int day = static_cast<int>(t_s / kDay_s);
  if (day != day_) {
    visits_ = visits_of_day(*layout_, random_, day, busy_);
    day_ = day;
  }
  const auto s = static_cast<float>(t_s - day * kDay_s);
  out = {};
  for (const Stay& stay : visits_) {
    if (stay.counted_in_s >= 0 && stay.counted_in_s <= s) ++out.counted_in;
    if (stay.counted_out_s >= 0 && stay.counted_out_s <= s) ++out.counted_out;
    if (s < stay.arrives_s || s >= stay.gone_s) continue;
    CarNow car;
    car.stay = &stay;
    car.pose = stay.rest;
    if (s < stay.parked_s && stay.in) {
      car.pose = stay.in->at(s - stay.arrives_s);
      car.driving = true;
      car.braking = s > stay.parked_s - 2.5F;
    } else if (s >= stay.leaves_s && stay.out) {
      car.pose = stay.out->at(s - stay.leaves_s);
      car.driving = true;
    }
    out.cars.push_back(car);
  }
  walk_drivers(s, out);
  walk_others(t_s, out);
}

void Traffic::walk_drivers(float s, TrafficNow& out) const {
  for (const Stay& stay : visits_) {
    Random draw = random_.of(20, stay.id);
    const Slot& slot = layout_->slots[static_cast<std::size_t>(stay.slot)];
    const Vec2 ahead{std::cos(stay.rest.heading), std::sin(stay.rest.heading)};
    const Vec2 door = stay.rest.at + Vec2{-ahead.y, ahead.x} * 1.25F;
    const Vec2 mouth = (slot.corners[0] + slot.corners[1]) * 0.5F;
    const float y = layout_->aisles_y[static_cast<std::size_t>(slot.aisle)] + draw.between(-1.9F, 1.9F);
    const float off = draw.chance(0.5F) ? layout_->paved_from.x - 5 : layout_->paved_to.x + 5;
    const Vec2 beside{door.x + (mouth.x - stay.rest.at.x) * 0.95F, mix(door.y, mouth.y, 0.95F)};
    const std::vector<Vec2> way{door, beside, {beside.x + (off > door.x ? 1.5F : -1.5F), y}, {off, y}};
    const int people = draw.chance(0.3F) ? 2 : 1;
    for (int i = 0; i < people; ++i) {
      WalkerNow walker;
      walker.id = stay.id * 4 + i;
      walker.person = draw.bits();
      const float later = 4 + 3.5F * static_cast<float>(i), total = length_of(way);
      const float gone = (s - stay.parked_s - later) * kWalk;
      const float back = total - (stay.leaves_s - 6 - 2 * static_cast<float>(i) - s) * kWalk;
      if (stay.in && put_walker(way, gone, walker)) {
        out.walkers.push_back(walker);
      } else if (back >= 0 && back <= total && stay.out && put_walker({way.rbegin(), way.rend()}, back, walker)) {
        walker.id += 2;
        out.walkers.push_back(walker);
      }
    }
  }
}

void Traffic::walk_others(double t_s, TrafficNow& out) const {
  constexpr double kEvery_s = 45;
  const float hour = static_cast<float>(std::fmod(t_s, kDay_s)) / 3600;
  const auto now = static_cast<std::int64_t>(t_s / kEvery_s);
  for (std::int64_t slot = std::max<std::int64_t>(0, now - 3); slot <= now; ++slot) {
    Random draw = random_.of(21, slot);
    if (!draw.chance(hour > 7 && hour < 21 ? 0.4F * busy_ : 0.05F * busy_)) continue;
    const Vec2 low = layout_->paved_from, high = layout_->paved_to;
    const float y =
        layout_->aisles_y[static_cast<std::size_t>(draw.integer(0, static_cast<int>(layout_->aisles_y.size()) - 1))] +
        draw.between(-2.2F, 2.2F);
    const float lane = draw.chance(0.5F) ? layout_->left_lane_x : layout_->right_lane_x;
    std::vector<Vec2> way;
    if (draw.chance(0.5F))
      way = {{low.x - 3, y}, {high.x + 3, y}};
    else
      way = {{lane + draw.between(-2, 2), low.y - 4},
             {lane + draw.between(-2, 2), y},
             {lane > 0 ? low.x - 3 : high.x + 3, y}};
    if (draw.chance(0.5F)) std::ranges::reverse(way);
    const float walked = static_cast<float>(t_s - static_cast<double>(slot) * kEvery_s - draw.between(0, 40)) * kWalk;
    WalkerNow walker;
    walker.id = 1'000'000'000 + static_cast<int>(slot);
    walker.person = draw.bits();
    if (put_walker(way, walked, walker)) out.walkers.push_back(walker);
  }
}

}  // namespace perch::scenes::lot
