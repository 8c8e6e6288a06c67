#include "scenes/lot/schedule.hpp"

#include <algorithm>
#include <tuple>

namespace perch::scenes::lot {

namespace {

constexpr float kHour = 3600;
constexpr float kDay = 24 * kHour;
constexpr float kBetween_s = 6;  ///< from one car's end of driving to the next one's start

/// Cars that stay from one day to the next are drawn for the night between, so that both days agree on them.
bool stays_over(Random random, int slot, int night) {
  return random.of(1, slot, night).chance(0.22F);
}

Stay make_stay(const Layout& layout, Random random, int slot, int id) {
  Stay stay;
  stay.id = id;
  stay.slot = slot;
  stay.car = random.bits();
  const Slot& place = layout.slots[static_cast<std::size_t>(slot)];
  stay.nose_in = !random.chance(0.18F);
  const bool careless = random.chance(0.08F);
  const float aside = careless ? random.between(-0.55F, 0.55F) : random.normal() * 0.09F;
  const float along = random.between(-0.35F, 0.3F);
  const float askew = careless ? random.between(-0.16F, 0.16F) : random.normal() * 0.02F;
  const Vec2 ahead{std::cos(place.heading), std::sin(place.heading)};
  stay.rest.at = place.centre + ahead * along + Vec2{-ahead.y, ahead.x} * aside;
  stay.rest.heading = place.heading + askew + (stay.nose_in ? 0 : kPi);
  return stay;
}

struct Movement {
  float wanted_s;
  std::size_t stay;
  bool out;
};

/// How busy the lot is, per hour of the day: shops fill later than offices.
float demand(float hour, bool office) {
  if (hour < 5.5F || hour > 23.5F) return 0.02F;
  const float middle = office ? 8.6F : 15, width = office ? 1.6F : 4.2F;
  const float away = (hour - middle) / width;
  return 0.12F + std::exp(-away * away / 2);
}

void plan_slot(const Layout& layout, Random random, int day, int slot, float appetite, bool office,
               std::vector<Stay>& stays, std::vector<Movement>& wanted) {
  Random draw = random.of(2, slot, day);
  float free_from = 0.2F * kHour;
  int next_id = day * 10'000 + slot * 100 + 1;
  if (stays_over(random, slot, day - 1)) {
    Stay stay = make_stay(layout, random.of(3, slot, day - 1), slot, day * 10'000 - slot - 1);
    stay.arrives_s = stay.parked_s = -kDay;
    free_from = draw.between(5.8F, 10) * kHour;
    wanted.push_back({free_from, stays.size(), true});
    stays.push_back(stay);
    free_from += draw.between(3, 60) * 60;
  }
  for (float t = free_from; t < 22.5F * kHour; t += 300) {
    if (!draw.chance(appetite * 0.11F * demand(t / kHour, office))) continue;
    Stay stay = make_stay(layout, random.of(4, slot, day, next_id), slot, next_id);
    ++next_id;
    const float minutes = office ? draw.between(60, 560) : std::exp(draw.between(2.7F, 5.2F));
    wanted.push_back({t + draw.between(0, 290), stays.size(), false});
    t += minutes * 60 + 900;
    wanted.push_back({std::min(t - 600, 23.3F * kHour), stays.size(), true});
    stays.push_back(stay);
  }
  if (stays_over(random, slot, day)) {
    Stay stay = make_stay(layout, random.of(3, slot, day), slot, (day + 1) * 10'000 - slot - 1);
    stay.leaves_s = stay.gone_s = 2 * kDay;
    wanted.push_back({draw.between(23.35F, 23.45F) * kHour, stays.size(), false});
    stays.push_back(stay);
  }
}

}  // namespace

std::vector<Stay> visits_of_day(const Layout& layout, Random random, int day, float busy) {
  if (busy <= 0) return {};
  Random lot = random.of(5);
  const bool office = lot.chance(0.4F);
  const float appetite = lot.between(0.5F, 1.4F) * busy;
  std::vector<Stay> stays;
  std::vector<Movement> wanted;
  for (int slot = 0; slot < static_cast<int>(layout.slots.size()); ++slot)
    plan_slot(layout, random, day, slot, appetite, office, stays, wanted);
  std::ranges::sort(wanted, {}, [](const Movement& m) { return std::tuple(m.wanted_s, m.out, m.stay); });

  float road_free_s = 0;
  for (const Movement& m : wanted) {
    Stay& stay = stays[m.stay];
    const Slot& slot = layout.slots[static_cast<std::size_t>(stay.slot)];
    const float start = std::max(m.wanted_s, road_free_s);
    const auto drive = std::make_shared<const Drive>(m.out ? Drive::out(layout, slot, stay.rest, stay.nose_in)
                                                           : Drive::in(layout, slot, stay.rest, !stay.nose_in));
    const float end = start + drive->seconds();
    const float gate = drive->passes_y(layout.gate_y);
    (m.out ? stay.leaves_s : stay.arrives_s) = start;
    (m.out ? stay.gone_s : stay.parked_s) = end;
    (m.out ? stay.counted_out_s : stay.counted_in_s) = gate < 0 ? -1 : start + gate;
    (m.out ? stay.out : stay.in) = drive;
    road_free_s = end + kBetween_s;
  }
  std::ranges::sort(stays, {}, [](const Stay& s) { return std::tuple(s.arrives_s, s.id); });
  return stays;
}

}  // namespace perch::scenes::lot
