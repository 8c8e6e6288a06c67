#include "scenes/meter/glyphs.hpp"

namespace perch::scenes::meter {

Hand Hand::of(Random random) {
  Hand hand;
  hand.square = random.chance(0.4F) ? random.between(3.2F, 6) : random.between(2, 2.8F);
  hand.narrow = random.between(0.42F, 0.68F);
  hand.stroke = random.between(0.085F, 0.165F);
  hand.contrast = random.chance(0.3F) ? random.between(0.1F, 0.4F) : 0;
  hand.flag_on_one = random.chance(0.8F);
  hand.foot_on_one = hand.flag_on_one && random.chance(0.2F);
  hand.flat_three = random.chance(0.25F);
  hand.open_four = random.chance(0.35F);
  hand.bar_on_seven = random.chance(0.08F);
  hand.straight_tails = random.chance(0.35F);
  return hand;
}

void Glyphs::add_bowl(int digit, Vec2 centre, Vec2 radius, float from_deg, float to_deg, std::vector<Vec2> before,
                      std::vector<Vec2> after) {
  Line line = std::move(before);
  const auto bent = [&](float v) { return std::copysign(std::pow(std::abs(v), 2 / hand_.square), v); };
  constexpr int kSteps = 18;
  for (int i = 0; i <= kSteps; ++i) {
    const float a = mix(from_deg, to_deg, static_cast<float>(i) / kSteps) * kPi / 180;
    line.push_back({centre.x + radius.x * bent(std::cos(a)), centre.y + radius.y * bent(std::sin(a))});
  }
  line.insert(line.end(), after.begin(), after.end());
  lines_[static_cast<std::size_t>(digit)].push_back(std::move(line));
}

void Glyphs::add_six(int digit, bool turned) {
  const float bowl = hand_.bowl;
  add_bowl(digit, {0.5F, 1 - bowl}, {0.5F, bowl}, 0, 360);
  if (hand_.round_tails) {
    add_bowl(digit, {0.5F, bowl}, {0.5F, bowl}, -180, hand_.tail_end_deg, {{0, 1 - bowl}});
  } else {
    Line tail;
    for (int i = 0; i <= 10; ++i) {
      const float t = static_cast<float>(i) / 10;
      if (hand_.straight_tails)
        tail.push_back(mix(Vec2{0.66F, 0}, Vec2{0.03F, 0.91F - bowl}, t));
      else
        tail.push_back(
            mix(mix(Vec2{0.86F, 0.02F}, Vec2{0.0F, 0.0F}, t), mix(Vec2{0.0F, 0.0F}, Vec2{0, 1 - bowl}, t), t));
    }
    lines_[static_cast<std::size_t>(digit)].push_back(tail);
  }
  if (turned)
    for (Line& line : lines_[static_cast<std::size_t>(digit)])
      for (Vec2& p : line) p = {1 - p.x, 1 - p.y};
}

Glyphs::Glyphs(const Hand& hand) : hand_(hand) {
  add_bowl(0, {0.5F, 0.5F}, {0.5F, 0.5F}, 0, 360);
  const float stem = hand.foot_on_one ? 0.5F : hand.flag_on_one ? 0.62F : 0.5F;
  lines_[1].push_back({{stem, 0}, {stem, 1}});
  if (hand.flag_on_one) lines_[1].push_back({{stem - 0.42F, 0.24F}, {stem, 0}});
  if (hand.foot_on_one) lines_[1].push_back({{0.15F, 1}, {0.85F, 1}});
  if (hand.block)
    lines_[2].push_back({{0, hand.hook}, {0, 0}, {1, 0}, {1, 0.48F}, {0, 0.48F}, {0, 1}, {1, 1}});
  else
    add_bowl(2, {0.5F, 0.29F}, {0.5F, 0.29F}, -178, 20, {}, {{0.0F, 1}, {1, 1}});
  if (hand.block) {
    lines_[3].push_back({{0, hand.hook}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 1 - hand.hook}});
    lines_[3].push_back({{0.3F, 0.48F}, {1, 0.48F}});
  } else if (hand.flat_three) {
    add_bowl(3, {0.46F, 0.71F}, {0.54F, 0.29F}, -90, 155, {{0.04F, 0}, {0.96F, 0}, {0.46F, 0.42F}});
  } else {
    add_bowl(3, {0.47F, 0.255F}, {0.47F, 0.255F}, -165, 90);
    add_bowl(3, {0.48F, 0.745F}, {0.52F, 0.255F}, -90, 165);
  }
  if (hand.upright_four) {
    lines_[4].push_back({{0.06F, 0}, {0, 0.62F}, {1, 0.62F}});
    lines_[4].push_back({{0.78F, hand.open_four ? 0.3F : 0.0F}, {0.78F, 1}});
  } else if (hand.open_four) {
    lines_[4].push_back({{0.45F, 0}, {0, 0.7F}, {1, 0.7F}});
    lines_[4].push_back({{0.72F, 0.4F}, {0.72F, 1}});
  } else {
    lines_[4].push_back({{0.74F, 1}, {0.74F, 0}, {0, 0.71F}, {1, 0.71F}});
  }
  if (hand.block)
    lines_[5].push_back({{1, 0}, {0, 0}, {0, 0.44F}, {1, 0.44F}, {1, 1}, {0, 1}, {0, 1 - hand.hook}});
  else
    add_bowl(5, {0.47F, 0.68F}, {0.53F, 0.32F}, -145, 150, {{0.93F, 0}, {0.12F, 0}, {0.06F, 0.47F}});
  add_six(6, false);
  if (hand.block && hand.upright_seven)
    lines_[7].push_back({{0, hand.hook}, {0, 0}, {1, 0}, {1, 1}});
  else if (hand.block)
    lines_[7].push_back({{0, 0}, {1, 0}, {1, 0.3F}, {0.58F, 0.6F}, {0.58F, 1}});
  else if (hand.bent_seven)
    lines_[7].push_back({{0, 0}, {1, 0}, {0.68F, 0.36F}, {0.46F, 0.68F}, {0.38F, 1}});
  else
    lines_[7].push_back({{0, 0}, {1, 0}, {0.34F, 1}});
  if (hand.hooked_seven && !hand.block) lines_[7].push_back({{0, 0}, {0, 0.12F}});
  if (hand.bar_on_seven) lines_[7].push_back({{0.25F, 0.5F}, {0.85F, 0.5F}});
  add_bowl(8, {0.5F, 0.255F}, {0.44F, 0.255F}, 0, 360);
  add_bowl(8, {0.5F, 0.745F}, {0.5F, 0.255F}, 0, 360);
  add_six(9, true);

  // From the box of the strokes' middles to heights of the inked digit, from its middle.
  for (std::vector<Line>& digit : lines_)
    for (Line& line : digit)
      for (Vec2& p : line) p = {(p.x - 0.5F) * (hand.narrow - hand.stroke), (p.y - 0.5F) * (1 - hand.stroke)};
}

float Glyphs::distance(int digit, Vec2 p) const {
  // Level strokes are thinner when height counts for more.
  const float taller = 1 / (1 - hand_.contrast);
  float nearest = 1e9F;
  for (const Line& line : lines_[static_cast<std::size_t>(digit)])
    for (std::size_t i = 0; i + 1 < line.size(); ++i)
      nearest = std::min(nearest, Canvas::segment_distance({p.x, p.y * taller}, {line[i].x, line[i].y * taller},
                                                           {line[i + 1].x, line[i + 1].y * taller}));
  return nearest - hand_.stroke / 2;
}

}  // namespace perch::scenes::meter
