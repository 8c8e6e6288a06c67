#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace perch::node {

/// What can be wrong with a camera.
enum class FaultKind : std::uint8_t {
  frozen,    ///< the same picture, byte for byte, again and again
  dark,      ///< a picture of which nothing can be seen
  covered,   ///< something stands before the lens
  blurred,   ///< out of focus
  moved,     ///< it looks somewhere else
  hang,      ///< takes the request and never answers
  drip,      ///< answers, a few bytes at a time
  truncate,  ///< half of a JPEG
  garbage,   ///< says that it is a JPEG, and it is none
  slow,      ///< answers after some seconds
  flap       ///< leaves the network, with a goodbye
};

std::string_view name(FaultKind kind);

/// The names of all kinds, in their order. @thread any
std::span<const std::string_view> fault_names();

/// A fault and when it is there, in time since the camera was started.
struct Fault {
  FaultKind kind = FaultKind::frozen;
  Nanoseconds start{0};
  std::optional<Nanoseconds> lasts;  ///< nothing: for ever
  std::optional<Nanoseconds> every;  ///< comes again so long after its start; nothing: once

  bool active(Nanoseconds since_start) const;
};

/// `dark`, `dark@30s` (from then on), `dark@30s+10s` (for so long), `dark@30s+10s/2min` (again so often).
/// Errors: invalid, with the nearest kind or the form. @thread any
Result<Fault> parse_fault(std::string_view text);

/// Those that are there now. @thread any
std::vector<FaultKind> active_faults(const std::vector<Fault>& faults, Nanoseconds since_start);

}  // namespace perch::node
