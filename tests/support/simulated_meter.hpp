#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "vision/meter_reading.hpp"

namespace perch::test {

inline constexpr int kWheels = 6;

/// A meter with play, seen by a reader that is off by a tenth now and then.
class SimulatedMeter {
 public:
  SimulatedMeter(double value, std::uint32_t seed) : value_(value), random_(seed) {
    std::normal_distribution<double> play(0, 0.04);
    for (double& p : play_) p = std::clamp(play(random_), -0.1, 0.1);
  }

  void flow(double turns) { value_ = std::fmod(value_ + turns + round(), round()); }

  double value() const { return value_; }

  static double round() { return std::pow(10.0, kWheels); }

  /// What a good reader says: the tenth it sees or the next to it.
  std::vector<Digit> look() {
    std::vector<Digit> digits(kWheels);
    double whole = std::floor(value_), carry = value_ - whole;
    for (int i = kWheels; i-- > 0; whole = std::floor(whole / 10)) {
      const double digit = std::fmod(whole, 10);
      digits[static_cast<std::size_t>(i)] = seen(i, digit + carry);
      carry = digit >= 9 ? carry : 0;
    }
    return digits;
  }

  /// One wheel is taken for another digit, surely.
  std::vector<Digit> misread(int wheel, int digits_off) {
    std::vector<Digit> digits = look();
    std::vector<float>& p = digits[static_cast<std::size_t>(wheel)].p;
    std::rotate(p.begin(), p.begin() + (100 - digits_off * 10) % 100, p.end());
    return digits;
  }

 private:
  Digit seen(int wheel, double position) {
    std::normal_distribution<double> off(0, 0.05);
    const double at = position + play_[static_cast<std::size_t>(wheel)] + off(random_);
    Digit digit{wheel, std::vector<float>(100, 0.0005F)};
    const auto middle = static_cast<int>(std::lround(at * 10));
    for (int by = -1; by <= 1; ++by)
      digit.p[static_cast<std::size_t>((middle + by + 200) % 100)] = by == 0 ? 0.75F : 0.1F;
    return digit;
  }

  double value_;
  std::array<double, kWheels> play_{};
  std::mt19937 random_;
};

inline vision::WheelEvidence evidence(const std::vector<Digit>& digits) {
  return vision::WheelEvidence::create(digits).value();
}

}  // namespace perch::test
