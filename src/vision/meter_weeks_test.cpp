// Weeks of a meter: too many looks for a test under a sanitizer.
#include <algorithm>
#include <cmath>
#include <random>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/simulated_meter.hpp"

using namespace perch;
using namespace std::chrono_literals;
using test::evidence;
using test::kWheels;
using test::SimulatedMeter;
using vision::MeterReader;
using vision::MeterReading;
using vision::MeterVerdict;

TEST_CASE("over many weeks of household use with misreads hardly a value is wrong, and none for long") {
  constexpr std::uint32_t kWeeks = 8;
  constexpr int kLooks = 7 * 24 * 6;
  int looks = 0, values = 0, wrong = 0, in_a_row = 0, longest = 0;
  for (std::uint32_t week = 0; week < kWeeks; ++week) {
    std::mt19937 random(week + 100);
    std::uniform_real_distribution<double> uniform(0, 1);
    SimulatedMeter meter(uniform(random) * 999'000, week);
    MeterReader reader({});
    int lasts = 0, wheel = 0, off = 0;
    in_a_row = 0;
    for (int look = 0; look < kLooks; ++look, ++looks) {
      meter.flow(uniform(random) < 0.7 ? 0.05 * uniform(random) : 0.6 * uniform(random));
      if (lasts == 0 && uniform(random) < 0.01) {
        lasts = 1 + static_cast<int>(uniform(random) * 4);
        wheel = static_cast<int>(uniform(random) * kWheels);
        off = 1 + static_cast<int>(uniform(random) * 9);
      }
      const std::vector<Digit> seen = lasts > 0 ? meter.misread(wheel, off) : meter.look();
      lasts = std::max(0, lasts - 1);
      const MeterReading reading = reader.look(evidence(seen), look * 10min);
      if (reading.verdict != MeterVerdict::value) continue;
      ++values;
      const bool far = std::abs(static_cast<double>(reading.value) / 10 - std::floor(meter.value())) > 1.01;
      if (far) ++wrong;
      in_a_row = far ? in_a_row + 1 : 0;
      longest = std::max(longest, in_a_row);
    }
  }
  fmt::print("{} looks: {:.2f} % with a value, {:.3f} % of them off by more than 1, at most {} in a row\n", looks,
             100.0 * values / looks, 100.0 * wrong / values, longest);
  CHECK(values > looks * 0.94);
  CHECK(wrong < values * 0.004);  // misreads of the last wheel that use could explain
  CHECK(longest <= 12);
}
