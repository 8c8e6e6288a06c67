#include "pipeline/record_policy.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::pipeline {

namespace {

constexpr Nanoseconds kShortestPeriod = std::chrono::milliseconds(100);
constexpr Nanoseconds kLongestPeriod = std::chrono::hours(24 * 7);
constexpr double kRoundingError = 1e-6;  // of a unit

std::optional<double> number(const Value& value) {
  if (const auto* real = std::get_if<double>(&value.value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value.value)) return static_cast<double>(*whole);
  return std::nullopt;
}

}  // namespace

Result<RecordPolicy> RecordPolicy::parse(std::string_view text) {
  static const std::vector<std::string> kWords{"every", "change"};
  if (text == kWords[0]) return RecordPolicy{Kind::every, Nanoseconds{0}};
  if (text == kWords[1]) return RecordPolicy{Kind::change, Nanoseconds{0}};
  const auto period = parse_duration(text);
  if (!period) {
    const auto meant = nearest(text, kWords);
    return fail(
        Errc::invalid, fmt::format("'{}' is no record policy", printable(text, 40)), "record",
        meant ? fmt::format("did you mean '{}'?", *meant) : "give \"every\", \"change\" or a duration such as \"5m\"");
  }
  if (*period < kShortestPeriod || *period > kLongestPeriod)
    return fail(Errc::invalid,
                fmt::format("must be {} to {}", duration_text(kShortestPeriod), duration_text(kLongestPeriod)),
                "record", *period < kShortestPeriod ? "use \"every\" to keep all" : "");
  return RecordPolicy{Kind::interval, *period};
}

std::string RecordPolicy::text() const {
  switch (kind) {
    case Kind::every:
      return "every";
    case Kind::change:
      return "change";
    case Kind::interval:
      return duration_text(period);
  }
  return "every";
}

Recorder::Recorder(const RecordPolicy& policy, std::span<const Output> outputs)
    : policy_(policy),
      outputs_(outputs.begin(), outputs.end()) {}

Recorder::Known Recorder::known(Status status) {
  switch (status) {
    case Status::ok:
    case Status::still:
      return Known::yes;
    case Status::uncertain:
      return Known::uncertain;
    case Status::unknown:
      return Known::no;
  }
  return Known::no;
}

bool Recorder::wants(const Observation& observation) {
  const Nanoseconds at = observation.stamp.monotonic;
  const Known now = known(observation.status);
  const bool first = boot_ != observation.stamp.boot;
  if (first) {
    boot_ = observation.stamp.boot;
    due_ = last_seen_ = at;
  }
  const bool is_due = policy_.kind == RecordPolicy::Kind::interval && due(at);
  bool wanted = first || now != last_known_;
  switch (policy_.kind) {
    case RecordPolicy::Kind::every:
      wanted |= observation.status != Status::still;
      break;
    case RecordPolicy::Kind::change:
      wanted |= now != Known::no && values_changed(observation.values);
      break;
    case RecordPolicy::Kind::interval:
      wanted |= is_due;
      break;
  }
  last_known_ = now;
  if (wanted && now != Known::no) kept_ = observation.values;
  return wanted;
}

bool Recorder::due(Nanoseconds at) {
  // The next observation is expected as far away as the last one was; whichever is nearer to the due time is taken.
  const Nanoseconds half_gap = std::min((at - last_seen_) / 2, policy_.period / 2);
  last_seen_ = at;
  if (at + half_gap < due_) return false;
  const auto periods = (at + half_gap - due_) / policy_.period + 1;
  due_ += periods * policy_.period;
  return true;
}

bool Recorder::values_changed(const std::vector<Value>& values) const {
  if (values.size() != kept_.size()) return true;
  return std::ranges::any_of(values, [&](const Value& now) {
    const auto kept = std::ranges::find(kept_, now.name, &Value::name);
    return kept == kept_.end() || differs(*kept, now);
  });
}

bool Recorder::differs(const Value& kept, const Value& now) const {
  const auto before = number(kept), after = number(now);
  if (!before || !after) return kept.value != now.value;
  const bool counts =
      std::holds_alternative<std::int64_t>(kept.value) && std::holds_alternative<std::int64_t>(now.value);
  const auto output = std::ranges::find(outputs_, now.name, &Output::name);
  if (counts || output == outputs_.end() || !std::isfinite(*before) || !std::isfinite(*after))
    return kept.value != now.value && !(std::isnan(*before) && std::isnan(*after));
  const double unit = std::pow(10.0, -output->decimals);
  return std::abs(*after - std::round(*before / unit) * unit) >= unit * (1 - kRoundingError);
}

}  // namespace perch::pipeline
