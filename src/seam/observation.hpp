#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "seam/findings.hpp"

namespace perch {

/// How much an observation is worth. `unknown` is a status of its own, never the last value again.
enum class Status : std::uint8_t {
  ok,
  still,      ///< nothing moved: the findings of an earlier frame still hold
  uncertain,  ///< a value, but not one to rely on
  unknown     ///< no value, with a reason
};
std::string_view name(Status status);

enum class OutputKind : std::uint8_t {
  gauge,    ///< a number that goes up and down
  counter,  ///< a number that only grows
  state,    ///< one of several names
  flag      ///< yes or no
};
std::string_view name(OutputKind kind);

/// What an analysis declares about one of its values. Charts, database fields and schemas are derived from it.
struct Output {
  std::string name;
  std::string unit;  ///< as printed: "kWh", "°C", or empty
  OutputKind kind = OutputKind::gauge;
  int decimals = 0;
};

/// One value of an observation, for the output of that name.
struct Value {
  std::string name;
  std::variant<double, std::int64_t, bool, std::string> value;
};

/// The live result for one analysed frame. Kept nowhere unless the task's record policy makes a reading of it.
struct Observation {
  Stamp stamp;
  Status status = Status::ok;
  std::string reason;  ///< why the status is not `ok`; empty otherwise
  std::vector<Value> values;
  Findings findings;
  float confidence = 0;  ///< 0..1, of the values together
};

}  // namespace perch
