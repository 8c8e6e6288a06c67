#include "scenes/meter/flow.hpp"

#include <algorithm>
#include <cmath>

namespace perch::scenes::meter {

namespace {

constexpr double kDay_s = 86'400;

float wanted(Kind kind, float hour) {
  const auto hump = [&](float at, float wide) { return std::exp(-(hour - at) * (hour - at) / (2 * wide * wide)); };
  switch (kind) {
    case Kind::gas:
      return 0.25F + hump(7, 1.5F) + 0.9F * hump(20, 2.5F);
    case Kind::water:
      return 0.004F + hump(7.2F, 0.9F) + 0.5F * hump(12.5F, 1) + 0.8F * hump(19.5F, 1.6F);
    default:
      return 0.3F + 0.6F * hump(7.5F, 1.2F) + 0.5F * hump(12.5F, 1.5F) + 1.1F * hump(19.5F, 2);
  }
}

}  // namespace

Flow::Flow(Kind kind, Random random) : kind_(kind), random_(random) {
  Random draw = random.of(1);
  start_ = kind == Kind::electricity ? draw.between(200, 95'000) : draw.between(30, 9000);
  start_ += draw.uniform();
  per_day_ = kind == Kind::electricity ? draw.between(4, 22)
             : kind == Kind::gas       ? draw.between(1, 9)
                                       : draw.between(0.08F, 0.6F);
}

const Flow::Day& Flow::day(int index) {
  if (const auto known = days_.find(index); known != days_.end()) return known->second;
  Day made;
  if (index > 0) {
    const Day& yesterday = day(index - 1);
    made.before = yesterday.before + yesterday.used.back();
  }
  Random draw = random_.of(2, index);
  const double scale = per_day_ * (draw.chance(0.12F) ? draw.between(0.1F, 0.4F) : draw.between(0.6F, 1.5F));
  std::array<double, kSteps> part{};
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    const float hour = static_cast<float>(i) / 6;
    const float want = wanted(kind_, hour);
    // Water is drawn now and then; electricity and gas flow on.
    const bool drawn = kind_ != Kind::water || draw.chance(std::min(0.8F, want));
    part[static_cast<std::size_t>(i)] = drawn ? want * draw.between(0.4F, 1.6F) : 0;
    sum += part[static_cast<std::size_t>(i)];
  }
  for (std::size_t i = 0; i < kSteps; ++i) made.used[i + 1] = made.used[i] + part[i] * scale / std::max(sum, 1e-6);
  return days_.emplace(index, made).first->second;
}

double Flow::value(double t_s) {
  const int index = static_cast<int>(t_s / kDay_s);
  for (int i = 0; i < index; ++i) static_cast<void>(day(i));  // one by one, so that no day asks deep into the past
  const Day& today = day(index);
  const double step = (t_s - index * kDay_s) / (kDay_s / kSteps);
  const auto whole = static_cast<std::size_t>(std::clamp(step, 0.0, kSteps - 1.0));
  return start_ + today.before + today.used[whole] +
         (today.used[whole + 1] - today.used[whole]) * (step - static_cast<double>(whole));
}

double Flow::per_hour(double t_s) {
  const double from = std::floor(t_s / 600) * 600;
  return (value(from + 599) - value(from)) * 3600 / 599;
}

void wheel_positions(double value, std::span<double> position) {
  double carry = value - std::floor(value);
  double whole = std::floor(value);
  for (std::size_t i = position.size(); i-- > 0;) {
    const double digit = std::fmod(whole, 10);
    position[i] = digit + carry;
    if (position[i] >= 10) position[i] -= 10;
    // The next one starts to move when this one leaves its 9.
    carry = digit >= 9 ? carry : 0;
    whole = std::floor(whole / 10);
  }
}

}  // namespace perch::scenes::meter
