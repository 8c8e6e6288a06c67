#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>

#include "scenes/core/random.hpp"

namespace perch::scenes::meter {

enum class Kind : std::uint8_t { any, electricity, gas, water };

/// What a household uses, as a counter that only rises: base load, mornings and evenings, single loads, quiet days.
/// @thread one at a time
class Flow {
 public:
  /// @param kind  not `any`
  Flow(Kind kind, Random random);

  /// The counter after that many seconds since the first midnight, in kWh or m³.
  double value(double t_s);

  /// What flows then, per hour.
  double per_hour(double t_s);

 private:
  static constexpr int kSteps = 144;  ///< of ten minutes

  struct Day {
    double before = 0;                      ///< used on all days before
    std::array<double, kSteps + 1> used{};  ///< since midnight
  };

  const Day& day(int index);

  Kind kind_;
  Random random_;
  double start_;
  double per_day_;
  std::map<int, Day> days_;
};

/// Where each wheel of a counter stands, most significant first: the last turns evenly; each other one moves on while
/// the one to its right goes from 9 to 0.
/// @param value     in units of the last wheel
/// @param position  0 ≤ x < 10, one a wheel
void wheel_positions(double value, std::span<double> position);

}  // namespace perch::scenes::meter
