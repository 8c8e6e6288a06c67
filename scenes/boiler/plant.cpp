#include "scenes/boiler/plant.hpp"

#include "scenes/core/canvas.hpp"
#include "scenes/core/noise.hpp"

namespace perch::scenes::boiler {

namespace {

constexpr double kDay_s = 86'400;

std::size_t cell(int row, int col) {
  return static_cast<std::size_t>(row) * Plant::kCols + static_cast<std::size_t>(col);
}

}  // namespace

Cycle::Cycle(Random random) : random_(random) {
  Random draw = random.of(1);
  period_s_ = draw.between(1700, 3900);
  cold_season_ = draw.between(0.55F, 1);
}

float Cycle::demand(double t_s) const {
  const auto day = static_cast<std::int64_t>(t_s / kDay_s);
  const float hour = static_cast<float>(std::fmod(t_s, kDay_s) / 3600);
  const float cold = random_.of(2, day).between(0.6F, 1.1F) * cold_season_;
  const float by_day = smoothstep(4.8F, 6.2F, hour) * smoothstep(23.2F, 21.5F, hour);
  return std::min(1.0F, cold * (0.12F + 0.88F * by_day));
}

float Cycle::low_at(std::int64_t cycle) const {
  const float want = demand(static_cast<double>(cycle) * static_cast<double>(period_s_));
  return want < 0.16F ? 25 + 20 * want : 28 + 16 * want + random_.of(3, cycle).between(-1.5F, 1.5F);
}

Cycle::Burn Cycle::burn_at(double t_s) const {
  const auto period = static_cast<double>(period_s_);
  const auto index = static_cast<std::int64_t>(t_s / period);
  Random draw = random_.of(4, index);
  Burn burn{static_cast<double>(index) * period,
            static_cast<double>(index + 1) * period,
            0,
            low_at(index),
            0,
            low_at(index + 1)};
  const float want = demand(burn.from_s);
  const bool idle = want < 0.16F && draw.chance(0.6F);
  burn.high = idle ? burn.low : burn.low + mix(12.0F, 28.0F, want) * draw.between(0.85F, 1.1F);
  burn.off_s =
      burn.from_s + (idle ? 0 : period * static_cast<double>(mix(0.18F, 0.55F, want) * draw.between(0.85F, 1.15F)));
  return burn;
}

bool Cycle::burning(double t_s) const {
  return t_s < burn_at(t_s).off_s;
}

float Cycle::water_celsius(double t_s) const {
  const Burn b = burn_at(t_s);
  const auto share = [](double at, double from, double to) {
    return static_cast<float>((at - from) / std::max(to - from, 1.0));
  };
  // It warms quickly at first, and so it cools.
  const auto bend = [](float x) { return (1 - std::exp(-2.2F * x)) / (1 - std::exp(-2.2F)); };
  if (t_s < b.off_s) return mix(b.low, b.high, bend(share(t_s, b.from_s, b.off_s)));
  return mix(b.high, b.next_low, bend(share(t_s, b.off_s, b.to_s)));
}

float Cycle::room_celsius(double t_s) const {
  const float hour = static_cast<float>(std::fmod(t_s, kDay_s) / 3600);
  const auto day = static_cast<float>(t_s / kDay_s);
  return 19.2F + 1.1F * std::sin((hour - 9) * kPi / 12) + 1.2F * value_noise(day * 0.9F, 0.5F, 11) + cold_season_;
}

namespace {

/// The lens of such a sensor spreads a point over its neighbours.
void soften(std::vector<float>& cells) {
  const std::vector<float> sharp = cells;
  const auto weight = [](int away) { return away == 0 ? 0.72F : 0.14F; };
  for (int row = 0; row < Plant::kRows; ++row)
    for (int col = 0; col < Plant::kCols; ++col) {
      float sum = 0;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          sum += weight(dy) * weight(dx) *
                 sharp[cell(std::clamp(row + dy, 0, Plant::kRows - 1), std::clamp(col + dx, 0, Plant::kCols - 1))];
      cells[cell(row, col)] = sum;
    }
}

}  // namespace

Plant::Plant(Random random, double spots_per_week)
    : random_(random),
      spots_per_week_(spots_per_week),
      cycle_(random.of(1)) {
  lay_pipes(random.of(2));
  Random draw = random.of(3);
  noise_ = draw.between(0.08F, 0.22F);
  const float roll = draw.normal() * 0.07F;
  const Vec2 middle{kCols / 2.0F, kRows / 2.0F};
  reach_.resize(kRows * kCols);
  lagging_.resize(kRows * kCols);
  for (int row = 0; row < kRows; ++row)
    for (int col = 0; col < kCols; ++col) {
      constexpr int kFine = 4;
      float now = 0, late = 0;
      for (int i = 0; i < kFine * kFine; ++i) {
        const Vec2 seen{static_cast<float>(col) + (static_cast<float>(i % kFine) + 0.5F) / kFine,
                        static_cast<float>(row) + (static_cast<float>(i / kFine) + 0.5F) / kFine};
        const Vec2 from_middle = seen - middle;
        const Vec2 at = middle + Vec2{from_middle.x * std::cos(roll) - from_middle.y * std::sin(roll),
                                      from_middle.x * std::sin(roll) + from_middle.y * std::cos(roll)};
        float sharpest = 0, slowest = 0;
        for (const Part& part : parts_) {
          // Round parts are warmest to look at in their middle; the air beside them is a little warm.
          const float d = Canvas::segment_distance(at, part.from, part.to) / part.radius;
          const float here = part.share * (smoothstep(1.25F, 0.6F, d) + 0.10F * std::exp(-d));
          sharpest = std::max(sharpest, here * (1 - part.lag));
          slowest = std::max(slowest, here * part.lag);
        }
        now += sharpest / (kFine * kFine);
        late += slowest / (kFine * kFine);
      }
      reach_[cell(row, col)] = now;
      lagging_[cell(row, col)] = late;
    }
  soften(reach_);
  soften(lagging_);
  for (int row = 0; row < kRows; ++row)
    for (int col = 0; col < kCols; ++col) {
      offset_.push_back(draw.normal() * 0.18F);
      if (reach_[cell(row, col)] + lagging_[cell(row, col)] < 0.045F && row > 1 && col > 1 && row < kRows - 2 &&
          col < kCols - 2)
        cool_.push_back({static_cast<float>(col) + 0.5F, static_cast<float>(row) + 0.5F});
    }
}

void Plant::lay_pipes(Random random) {
  const float left = random.between(8, 15), top = random.between(7, 11);
  const float wide = random.between(6, 9), tall = random.between(8, 11);
  // The boiler: a casing that hardly lets warmth out, its door, and its flue.
  for (float x = 1; x < wide; x += 1)
    parts_.push_back({{left + x, top + 1}, {left + x, top + tall}, 1.3F, 0.17F, 0.8F});
  parts_.push_back({{left + wide * 0.5F, top + tall * 0.6F},
                    {left + wide * 0.5F + 0.8F, top + tall * 0.6F},
                    random.between(1, 1.7F),
                    0.40F,
                    0.3F});
  const float flue = left + wide * random.between(0.3F, 0.7F);
  parts_.push_back({{flue, top}, {flue, -4}, random.between(0.9F, 1.4F), 0.48F, 0.15F});
  const int pipes = random.integer(2, 5);
  for (int i = 0; i < pipes; ++i) {
    const bool supply = i % 2 == 0;
    const float share = supply ? random.between(0.5F, 0.62F) : random.between(0.3F, 0.42F),
                lag = supply ? 0.05F : 0.45F;
    const float radius = random.between(0.55F, 0.95F);
    const bool right = random.chance(0.5F);
    const Vec2 start{right ? left + wide : left, top + tall * random.between(0.1F, 0.9F)};
    const float turn_x = right ? random.between(start.x + 2, 30) : random.between(1.5F, start.x - 2);
    const float end_y = random.chance(0.5F) ? -4 : Plant::kRows + 4;
    parts_.push_back({start, {turn_x, start.y}, radius, share, lag});
    parts_.push_back({{turn_x, start.y}, {turn_x, static_cast<float>(end_y)}, radius, share, lag});
    if (random.chance(0.5F)) {  // a pump
      const Vec2 at = mix(start, {turn_x, start.y}, 0.5F);
      parts_.push_back({at, at + Vec2{0.3F, 0}, 1.2F, share * 1.05F, lag});
    }
  }
}

std::optional<Spot> Plant::spot(double t_s) const {
  constexpr double kBlock_s = 6 * 3600;
  const auto block = static_cast<std::int64_t>(t_s / kBlock_s);
  Random draw = random_.of(5, block);
  if (cool_.empty() || !draw.chance(static_cast<float>(spots_per_week_ * kBlock_s / (7 * kDay_s)))) return std::nullopt;
  const double length = static_cast<double>(draw.between(2400, 15'000));
  const double from = static_cast<double>(block) * kBlock_s + static_cast<double>(draw.uniform()) * (kBlock_s - length);
  if (t_s < from || t_s > from + length) return std::nullopt;
  Spot out{draw.pick(std::span(cool_)), draw.between(0.75F, 1.8F), draw.between(5, 17)};
  const auto since = static_cast<float>(t_s - from), left = static_cast<float>(from + length - t_s);
  out.celsius *= std::min(smoothstep(0, 900, since), smoothstep(0, 600, left));
  return out;
}

void Plant::measure(double t_s, bool clean, std::vector<float>& celsius) const {
  celsius.resize(kRows * kCols);
  const float room = cycle_.room_celsius(t_s);
  const float warm = cycle_.water_celsius(t_s) - room;
  float slow = 0;
  for (int i = 1; i <= 6; ++i) slow += (cycle_.water_celsius(std::max(0.0, t_s - 300.0 * i)) - room) / 6;
  const std::optional<Spot> hot = spot(t_s);
  Random draw = random_.of(6, static_cast<std::int64_t>(std::llround(t_s * 1000)));
  // Each of the sensor's two half pictures, a chessboard, has a level of its own.
  const float half = clean ? 0 : draw.normal() * 0.06F;
  for (int row = 0; row < kRows; ++row)
    for (int col = 0; col < kCols; ++col) {
      const std::size_t i = cell(row, col);
      float value = room + reach_[i] * warm + lagging_[i] * slow;
      value += 0.35F * (0.5F - static_cast<float>(row) / kRows);  // warm air rises
      if (hot) {
        const Vec2 d = Vec2{static_cast<float>(col) + 0.5F, static_cast<float>(row) + 0.5F} - hot->at;
        value += hot->celsius * std::exp(-dot(d, d) / (2 * hot->size * hot->size));
      }
      if (!clean) value += offset_[i] + ((row + col) % 2 == 0 ? half : -half) + draw.normal() * noise_;
      celsius[i] = value;
    }
}

}  // namespace perch::scenes::boiler
