#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "seam/observation.hpp"

namespace perch::pipeline {

/// A task's `record`: which of its observations become readings.
struct RecordPolicy {
  enum class Kind : std::uint8_t {
    every,    ///< each look
    change,   ///< each change of a value
    interval  ///< one a period
  };
  Kind kind = Kind::every;
  Nanoseconds period{0};  ///< of Kind::interval

  /// Reads `every`, `change` or a duration from 100 ms to 7 days. Errors: invalid, saying what there is; a mistyped
  /// word with the nearest.
  static Result<RecordPolicy> parse(std::string_view text);
  /// The text that `parse` reads back to the same policy.
  std::string text() const;

  bool operator==(const RecordPolicy&) const = default;
};

/// Decides for each observation of one task whether it is worth keeping.
///
/// Under every policy the first observation is kept, and each change of what is known: `ok` and `still` both mean that
/// the value is known (the findings are looked at or reused, but they hold), so going from one to the other is no news;
/// `uncertain` and `unknown` are states of their own. Another reason for the same status is no change.
///
/// - *every*: each look. A `still` observation is no look, it repeats one; a camera before a still scene gives a
/// reading
///   each `max_still`.
/// - *change*: a value that differs from the last reading's. Names, flags and whole numbers (counts) differ when they
///   are not equal; other numbers when they have left their rounding to the output's decimals by another half unit:
///   with one decimal and 20.0 kept, 20.09 is no change and 20.1 is. So noise at the edge between two roundings makes
///   no readings, and a meter's every step does. A value that appears or is no longer there is a change. Zero is a
///   value like any other. Unknown observations carry no values to compare; when the value is known again, that is a
///   change of status.
/// - *interval*: the observation nearest to each due time, `still` or not, so that a series has no holes; due times are
///   a grid that begins with the first, and changes of status do not move it. Nothing is made up for times in which
///   there were no observations.
///
/// Pure: time is the observation's monotonic stamp. A new boot begins anew.
class Recorder {
 public:
  /// @param outputs  as the task's analysis declares them; copied
  Recorder(const RecordPolicy& policy, std::span<const Output> outputs);

  /// Whether this observation becomes a reading; it then is what later ones are compared with. In the order of time.
  bool wants(const Observation& observation);

 private:
  enum class Known : std::uint8_t { yes, uncertain, no };

  static Known known(Status status);
  bool due(Nanoseconds at);
  bool values_changed(const std::vector<Value>& values) const;
  bool differs(const Value& kept, const Value& now) const;

  RecordPolicy policy_;
  std::vector<Output> outputs_;
  std::optional<BootId> boot_;  ///< of the observations so far
  Known last_known_ = Known::no;
  std::vector<Value> kept_;  ///< of the last reading that had values
  Nanoseconds due_{0};
  Nanoseconds last_seen_{0};
};

}  // namespace perch::pipeline
