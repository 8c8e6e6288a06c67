#include "scenes/room/people.hpp"

#include <algorithm>

#include "scenes/core/noise.hpp"

namespace perch::scenes::room {

namespace {

constexpr double kSpan_s = 45;       ///< for how long somebody does one thing
constexpr double kFallSpan_s = 900;  ///< at most one fall in each
constexpr float kWalk = 0.95F;       ///< m/s
constexpr float kTwoSteps = 1.25F;   ///< m
constexpr float kSettle_s = 1.3F;    ///< to sit down, to lie down, to get up
constexpr float kFall_s = 0.9F;

BodyPose standing(Random random, float sway) {
  BodyPose pose;
  const int arms = random.integer(0, 3);
  for (std::size_t side = 0; side < 2; ++side) {
    pose.arm_out[side] = random.between(0.06F, 0.2F);
    pose.elbow[side] = arms == 1                ? random.between(1.2F, 1.9F)
                       : arms == 2 && side == 0 ? random.between(1.4F, 2.1F)
                                                : random.between(0.1F, 0.35F);
    pose.shoulder[side] = arms == 1 ? random.between(0.1F, 0.4F) : random.between(-0.1F, 0.15F);
    pose.spread[side] = random.between(0.04F, 0.12F);
  }
  if (arms == 3) pose.shoulder[1] = random.between(0.6F, 1.5F);
  pose.nod = random.between(-0.05F, 0.35F);
  pose.look = random.between(-0.5F, 0.5F) + 0.3F * sway;
  pose.lean = 0.03F * sway;
  return pose;
}

BodyPose sitting(Random random, float seat_m, const BodyTraits& traits, float sway) {
  BodyPose pose;
  pose.pelvis_m = seat_m + 0.075F * traits.height * 0.8F;
  pose.lean = random.between(-0.22F, 0.28F) + 0.03F * sway;
  const bool ahead = random.chance(0.3F);
  for (std::size_t side = 0; side < 2; ++side) {
    pose.hip[side] = random.between(1.4F, 1.58F);
    pose.spread[side] = random.between(0.03F, 0.2F);
    pose.knee[side] = ahead ? random.between(0.9F, 1.3F) : random.between(1.4F, 1.7F);
    pose.shoulder[side] = random.between(0.15F, 0.7F);
    pose.elbow[side] = random.between(0.5F, 1.4F);
    pose.arm_out[side] = random.between(0.05F, 0.25F);
  }
  pose.nod = random.between(-0.05F, 0.5F);
  pose.look = random.between(-0.4F, 0.4F) + 0.25F * sway;
  return pose;
}

/// On the back, in bed.
BodyPose resting(Random random, float bed_m) {
  BodyPose pose;
  pose.tip = -kPi / 2;
  pose.roll = random.chance(0.4F) ? random.between(-1.4F, 1.4F) : random.between(-0.2F, 0.2F);
  pose.pelvis_m = bed_m + 0.1F;
  for (std::size_t side = 0; side < 2; ++side) {
    pose.hip[side] = random.between(0.0F, 0.4F);
    pose.knee[side] = pose.hip[side] * random.between(1, 2);
    pose.arm_out[side] = random.between(0.1F, 0.6F);
    pose.elbow[side] = random.between(0.1F, 1.2F);
  }
  return pose;
}

/// On the floor: on the back, the face or a side, limbs anyhow.
BodyPose fallen(Random random) {
  BodyPose pose;
  const int side_up = random.integer(0, 2);
  const bool face_down = side_up == 1;
  pose.tip = face_down ? kPi / 2 : -kPi / 2;
  pose.roll =
      side_up == 2 ? (random.chance(0.5F) ? 1 : -1) * random.between(1.2F, 1.6F) : random.between(-0.35F, 0.35F);
  pose.pelvis_m = side_up == 2 ? 0.16F : 0.115F;
  pose.bend = random.between(-0.3F, 0.3F);
  pose.lean = side_up == 2 ? random.between(0.0F, 0.5F) : random.between(-0.05F, 0.12F);
  pose.look = random.between(-0.9F, 0.9F);
  for (std::size_t side = 0; side < 2; ++side) {
    pose.hip[side] = side_up == 2 ? random.between(0.1F, 1.1F)
                     : face_down  ? random.between(-0.05F, 0.02F)
                                  : random.between(0.0F, 0.35F);
    pose.spread[side] = side_up == 2 ? 0 : random.between(0.02F, 0.4F);
    pose.knee[side] = side_up == 2 ? random.between(0.2F, 1.4F)
                      : face_down  ? random.between(0.0F, 0.3F)
                                   : pose.hip[side] * random.between(1.0F, 2.2F);
    pose.shoulder[side] = side_up == 2 ? random.between(0.2F, 1.4F) : random.between(-0.02F, 0.1F);
    pose.arm_out[side] = side_up == 2 ? 0.05F : random.between(0.15F, 1.9F);
    pose.elbow[side] = face_down ? random.between(0.0F, 0.15F) : random.between(0.0F, 0.7F);
  }
  return pose;
}

/// A standing pose whose height is given, so that it blends into ones that sit or lie.
BodyPose with_height(BodyPose pose, const BodyTraits& traits) {
  if (pose.pelvis_m < 0) pose.pelvis_m = 0.528F * traits.height;
  return pose;
}

float turn_between(float a, float b, float t) {
  return a + std::remainder(b - a, 2 * kPi) * t;
}

}  // namespace

People::Fall People::fall_at(int person, double t_s) const {
  const auto span = static_cast<std::int64_t>(t_s / kFallSpan_s);
  Random draw = random_.of(1, person, span);
  Fall fall;
  fall.happens = draw.chance(static_cast<float>(falls_per_day_ * kFallSpan_s / 86'400));
  fall.from_s = static_cast<double>(span) * kFallSpan_s + static_cast<double>(draw.between(60, 300));
  fall.to_s = fall.from_s + static_cast<double>(draw.between(120, 560));
  fall.happens = fall.happens && t_s >= fall.from_s && t_s < fall.to_s;
  return fall;
}

std::size_t People::wish_of(int person, std::int64_t span) const {
  const auto& places = interior_->places();
  // Places are kept for some spans; at night mostly away or in bed.
  Random draw = random_.of(2, person, span / 3);
  const double hour = std::fmod(static_cast<double>(span) * kSpan_s / 3600, 24.0);
  const bool night = hour < 6.5 || hour > 23;
  if (draw.chance(0.35F)) draw = random_.of(3, person, span);
  std::vector<float> weights;
  for (const Place& place : places) switch (place.use) {
      case Use::leave:
        weights.push_back(night ? 4.0F : 1.6F);
        break;
      case Use::lie:
        weights.push_back(night ? 8.0F : 0.4F);
        break;
      case Use::sit:
        weights.push_back(night ? 0.3F : 1.3F);
        break;
      default:
        weights.push_back(night ? 0.15F : 0.8F);
        break;
    }
  return draw.weighted(weights);
}

std::size_t People::place_of(int person, std::int64_t span) const {
  const auto& places = interior_->places();
  std::vector<bool> taken(places.size());
  std::size_t at = 0;
  for (int i = 0; i <= person; ++i) {
    at = wish_of(i, span);
    while (taken[at]) at = (at + 1) % places.size();
    if (places[at].use != Use::leave) taken[at] = true;
  }
  return at;
}

void People::lay_down(int person, double since_s, const Fall& fall, PersonNow& out) const {
  // Where they were when it happened, but on free floor.
  const Vec2 from = interior_->free_from(), to = interior_->free_to();
  out.at = {std::clamp(out.at.x, from.x, to.x), std::clamp(out.at.y, from.y, to.y)};
  Random draw = random_.of(4, person, static_cast<std::int64_t>(fall.from_s));
  const float t = smoothstep(0, kFall_s, static_cast<float>(since_s));
  const BodyPose lying = fallen(draw);
  out.pose = blend(with_height(walking_pose(0.3F, 0.8F), out.traits), lying, t * t);
  out.heading += draw.between(-0.6F, 0.6F) * t;
  out.fallen = t > 0.6F;
  out.moving = t < 1;
  out.posture = t > 0.6F ? "lying" : "standing";
}

bool People::person_at(int person, double t_s, PersonNow& out) const {
  out.id = person + 1;
  out.traits = BodyTraits::of(random_.of(5, person, static_cast<std::int64_t>(t_s / 21'600)));
  if (const Fall fall = fall_at(person, t_s); fall.happens) {
    if (!follow_plan(person, fall.from_s, out)) return false;
    lay_down(person, t_s - fall.from_s, fall, out);
    return true;
  }
  return follow_plan(person, t_s, out);
}

bool People::follow_plan(int person, double t_s, PersonNow& out) const {
  const auto& places = interior_->places();
  const auto span = static_cast<std::int64_t>(t_s / kSpan_s);
  const auto into = static_cast<float>(t_s - static_cast<double>(span) * kSpan_s);
  const std::size_t now = place_of(person, span), last = span > 0 ? place_of(person, span - 1) : now;
  const Place& to = places[now];
  const Place& from = places[last];
  if (to.use == Use::leave && from.use == Use::leave) return false;

  const auto slow = static_cast<float>(std::fmod(t_s, 4096.0));
  const float sway = value_noise(slow * 0.35F, static_cast<float>(person) * 7.5F, 21);
  const auto pose_in = [&](const Place& place, std::int64_t which) {
    Random draw = random_.of(6, person, which);
    if (place.use == Use::sit) return sitting(draw, place.seat_m, out.traits, sway);
    if (place.use == Use::lie) return resting(draw, place.seat_m);
    return with_height(standing(draw, sway), out.traits);
  };
  const auto settle = [&](const Place& place, std::int64_t which, float t) {
    const float s = smoothstep(0, 1, t);
    const BodyPose upright = with_height(standing(random_.of(6, person, which, 1), sway), out.traits);
    out.pose = blend(upright, pose_in(place, which), s);
    out.at = mix(place.before, place.at, s);
    out.heading = place.heading;
    out.moving = t > 0 && t < 1;
    out.posture = place.use == Use::sit && s > 0.5F   ? "sitting"
                  : place.use == Use::lie && s > 0.5F ? "lying"
                                                      : "standing";
  };
  if (now == last) {
    // The first span at a place decides how one sits there.
    std::int64_t first = span;
    while (first > 0 && span - first < 12 && place_of(person, first - 1) == now) --first;
    settle(to, first, 1);
    return to.use != Use::leave;
  }
  // Get up, walk, settle.
  const bool stay = from.use == Use::stand || from.use == Use::leave;
  const float up_s = stay ? 0 : kSettle_s;
  std::int64_t first = span - 1;
  while (first > 0 && span - first < 13 && place_of(person, first - 1) == last) --first;
  if (into < up_s) {
    settle(from, first, 1 - into / up_s);
    return true;
  }
  std::vector<Vec2> way{from.use == Use::leave ? from.at : from.before, from.before, to.before};
  if (to.use == Use::leave || to.use == Use::stand) way.push_back(to.at);
  float walked = (into - up_s) * kWalk;
  const float phase = walked / kTwoSteps;
  for (std::size_t i = 0; i + 1 < way.size(); ++i) {
    const Vec2 d = way[i + 1] - way[i];
    const float piece = length(d);
    if (walked < piece) {
      out.at = mix(way[i], way[i + 1], walked / piece);
      out.heading = std::atan2(d.y, d.x);
      out.pose = walking_pose(phase - std::floor(phase), 0.8F);
      out.posture = "walking";
      out.moving = true;
      return true;
    }
    walked -= piece;
  }
  if (to.use == Use::leave) return false;
  const Vec2 arrival = to.before - from.before;
  settle(to, span, walked / kWalk / kSettle_s);
  if (walked / kWalk < kSettle_s)
    out.heading =
        turn_between(std::atan2(arrival.y, arrival.x), to.heading, smoothstep(0, 0.6F, walked / kWalk / kSettle_s));
  return true;
}

void People::at(double t_s, std::vector<PersonNow>& out) const {
  out.clear();
  for (int person = 0; person < most_; ++person) {
    PersonNow now;
    if (person_at(person, t_s, now)) out.push_back(now);
  }
}

}  // namespace perch::scenes::room
