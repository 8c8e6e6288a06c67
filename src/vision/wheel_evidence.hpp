#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "seam/findings.hpp"

namespace perch::vision {

/// A counter's reading in tenths of a turn of its last wheel: 513459 on six wheels and 0.3 of the next turn is 5134593.
using Tenths = std::int64_t;

/// A reading and how well it fits one look at the wheels.
struct ScoredReading {
  Tenths reading = 0;
  float score = 0;  ///< log likelihood relative to the reading that fits best: 0 fits as well as any
};

/// What one look at a counter's wheels says about every reading that it could show, jointly over all wheels.
///
/// A counter's wheels are not independent: the last turns evenly, and each other one moves only while all to its right
/// go from 9 to 0, by as much as the last. So of all positions that wheels could have, only those count that some
/// reading gives. Real wheels stand off by a tenth or more, and those that move more than those that rest; and any
/// wheel may be misread altogether, so none weighs more than `kMisread`.
///
/// Pure. Not for two threads at once.
class WheelEvidence {
 public:
  static constexpr std::size_t kMostWheels = 14;
  static constexpr float kMisread = 0.01F;  ///< how probable it is that a wheel is read as something else altogether

  /// @param digits  one a wheel, most significant first, 10 or 100 probabilities each (`Digit::p`)
  /// Errors: invalid (no wheel, too many, or a number of probabilities that is neither)
  static Result<WheelEvidence> create(std::span<const Digit> digits);

  std::size_t wheels() const { return resting_.size(); }

  /// How many readings there are: they go from 0 to this, and round.
  Tenths round() const { return round_; }

  /// Whether the last wheel's tenths are known: false when any wheel has whole digits only.
  bool has_tenths() const { return has_tenths_; }

  /// How many wheels show one position clearly, by themselves.
  std::size_t clear_wheels() const { return clear_; }

  /// @pre 0 ≤ reading < round()
  float score(Tenths reading) const;

  /// How much worse each wheel fits a reading than the position that it fits best, most significant first; all 0 where
  /// the wheels by themselves say that reading. @pre 0 ≤ reading < round()
  std::array<float, kMostWheels> shortfall(Tenths reading) const;

  /// The readings from `low` to `high` (both included, within the counter) that fit best, best first; exact: best-first
  /// search over the wheels from the left, with what the wheels to the right can give at most as its bound.
  std::vector<ScoredReading> best(Tenths low, Tenths high, std::size_t count) const;

 private:
  using Row = std::array<float, 100>;  ///< log likelihood of each position in tenths

  WheelEvidence() = default;
  void add(std::span<const float> p);
  template <class F>
  void each_wheel(Tenths reading, F visit) const;
  float absolute_score(Tenths reading) const;

  std::vector<Row> resting_, moving_;
  Tenths round_ = 10;
  bool has_tenths_ = true;
  std::size_t clear_ = 0;
  float best_ = 0;
};

}  // namespace perch::vision
