#include "scenes/lot/drive.hpp"

namespace perch::scenes::lot {

namespace {

constexpr float kSpeedUp = 1.4F;  ///< m/s²
constexpr float kStep_m = 0.2F;

Vec2 unit(Vec2 v) {
  const float l = length(v);
  return l > 1e-6F ? v * (1 / l) : Vec2{1, 0};
}

/// The line through the corners with its corners rounded, as points close to each other.
std::vector<Vec2> rounded(const std::vector<Vec2>& corners, float radius) {
  std::vector<Vec2> line;
  const auto walk = [&](Vec2 from, Vec2 to) {
    const int steps = std::max(1, static_cast<int>(length(to - from) / kStep_m));
    for (int i = 0; i < steps; ++i) line.push_back(mix(from, to, static_cast<float>(i) / static_cast<float>(steps)));
  };
  Vec2 from = corners.front();
  for (std::size_t i = 1; i + 1 < corners.size(); ++i) {
    const Vec2 in = unit(corners[i] - corners[i - 1]), out = unit(corners[i + 1] - corners[i]);
    const float room = std::min(length(corners[i] - from), length(corners[i + 1] - corners[i]) * 0.98F);
    const float cut = std::min(radius, room);
    const Vec2 enter = corners[i] - in * cut, leave = corners[i] + out * cut;
    walk(from, enter);
    // A curve of the second degree: near enough to how a steering wheel is turned and turned back.
    const int steps = std::max(4, static_cast<int>(cut * 1.6F / kStep_m));
    for (int k = 0; k < steps; ++k) {
      const float t = static_cast<float>(k) / static_cast<float>(steps);
      line.push_back(mix(mix(enter, corners[i], t), mix(corners[i], leave, t), t));
    }
    from = leave;
  }
  walk(from, corners.back());
  line.push_back(corners.back());
  return line;
}

/// Where the way through a slot's middle meets the middle of its aisle.
Vec2 turning_point(const Layout& layout, const Slot& slot, const CarPose& rest) {
  const float y = layout.aisles_y[static_cast<std::size_t>(slot.aisle)];
  const float along = (y - rest.at.y) / std::sin(slot.heading);
  return {rest.at.x + along * std::cos(slot.heading), y};
}

}  // namespace

float Drive::Piece::seconds() const {
  const float ramp = cruise / kSpeedUp;
  const float ramps = cruise * ramp;
  return length() >= ramps ? 2 * ramp + (length() - ramps) / cruise : 2 * std::sqrt(length() / kSpeedUp);
}

float Drive::Piece::travelled(float seconds) const {
  const float total = this->seconds();
  const float t = std::clamp(seconds, 0.0F, total);
  const float ramp = std::min(cruise / kSpeedUp, total / 2);
  const float left = total - t;
  if (t < ramp) return kSpeedUp * t * t / 2;
  if (left < ramp) return length() - kSpeedUp * left * left / 2;
  return kSpeedUp * ramp * ramp / 2 + kSpeedUp * ramp * (t - ramp);
}

void Drive::add(const std::vector<Vec2>& corners, float radius, bool backward, float cruise) {
  const std::vector<Vec2> line = rounded(corners, radius);
  Piece piece;
  piece.backward = backward;
  piece.cruise = cruise;
  float length_m = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i > 0) length_m += length(line[i] - line[i - 1]);
    const Vec2 d = line[std::min(i + 1, line.size() - 1)] - line[i > 0 ? i - 1 : 0];
    piece.steps.push_back({line[i], std::atan2(d.y, d.x) + (backward ? kPi : 0), length_m});
  }
  pieces_.push_back(std::move(piece));
}

Drive Drive::in(const Layout& layout, const Slot& slot, const CarPose& rest, bool backward) {
  const Vec2 turn = turning_point(layout, slot, rest);
  const Vec2 start{layout.left_lane_x, layout.street_y}, lane{layout.left_lane_x, turn.y};
  Drive drive;
  if (backward) {
    const Vec2 beyond{turn.x + 4.5F, turn.y};
    drive.add({start, lane, beyond}, 4, false, 3.6F);
    drive.add({beyond, turn, rest.at}, 3.6F, true, 1.3F);
  } else {
    drive.add({start, lane, {turn.x - 5.0F, turn.y}, turn, rest.at}, 3.6F, false, 3.2F);
  }
  return drive;
}

Drive Drive::out(const Layout& layout, const Slot& slot, const CarPose& rest, bool backward) {
  const Vec2 turn = turning_point(layout, slot, rest);
  const Vec2 lane{layout.right_lane_x, turn.y}, end{layout.right_lane_x, layout.street_y};
  Drive drive;
  if (backward) {
    const Vec2 behind{turn.x - 4.5F, turn.y};
    drive.add({rest.at, turn, behind}, 3.6F, true, 1.3F);
    drive.add({behind, lane, end}, 4, false, 3.6F);
  } else {
    drive.add({rest.at, turn, lane, end}, 3.6F, false, 3.2F);
  }
  return drive;
}

float Drive::seconds() const {
  float sum = 0;
  for (const Piece& piece : pieces_) sum += piece.seconds();
  return sum;
}

CarPose Drive::at(float seconds) const {
  std::size_t i = 0;
  while (i + 1 < pieces_.size() && seconds > pieces_[i].seconds()) seconds -= pieces_[i++].seconds();
  const Piece& piece = pieces_[i];
  const float way = piece.travelled(seconds);
  const auto next = std::ranges::upper_bound(piece.steps, way, {}, &Step::length);
  const Step& to = next == piece.steps.end() ? piece.steps.back() : *next;
  const Step& from = next == piece.steps.begin() ? to : *(next - 1);
  const float t = to.length > from.length ? (way - from.length) / (to.length - from.length) : 0;
  const float turn = std::remainder(to.heading - from.heading, 2 * kPi);
  const float moved = piece.travelled(seconds + 0.05F) - piece.travelled(seconds - 0.05F);
  return {mix(from.at, to.at, t), from.heading + turn * t, (piece.backward ? -1.0F : 1.0F) * moved / 0.1F};
}

float Drive::passes_y(float y) const {
  const float total = seconds();
  constexpr float kTick_s = 0.05F;
  float before = at(0).at.y - y;
  for (float t = kTick_s; t <= total; t += kTick_s) {
    const float now = at(t).at.y - y;
    if ((before < 0) != (now < 0)) return t;
    before = now;
  }
  return -1;
}

}  // namespace perch::scenes::lot
