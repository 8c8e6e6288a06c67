#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "seam/analysis.hpp"

namespace perch {
class Registry;
}

/// The value of a meter with rollers, from the positions of its wheels over time (`vision/meter_reading.hpp` says how).
///
/// The task's regions are the wheels, most significant first; its model gives whole digits or tenths of a turn.
/// Outputs: `value` (counter, the last wheel's tenths left off), and `rate`, what flows in an hour (gauge), once there
/// are values `rate_over` apart.
///
/// A look without a value is unknown and says why: too few wheels can be read, too few looks agree yet, or what they
/// show cannot have come about. A value whose last digits are doubtful is uncertain, and then the least of what is
/// plausible. So no spike is ever given out as `ok`; where a value turns out to have been wrong, later ones go back,
/// and the reading says so once in its reason.
namespace perch::analysis::meter {

struct Config {
  std::string unit{};
  int decimals = 0;
  std::optional<double> max_rate{};  ///< in units an hour
  std::optional<double> initial{};   ///< in units
  bool backwards = false;
  int agree = 3;
  Milliseconds rate_over{600'000};
};

/// Errors: invalid (no regions, too many of them, more decimals than wheels, an initial value that the wheels cannot
///         show).
Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context);

void describe(Registry& registry);

}  // namespace perch::analysis::meter
