#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "seam/sink.hpp"

namespace perch::journal {

/// The longest line that is written or read.
inline constexpr std::size_t kMostLineBytes = std::size_t{1} << 20;

/// A reading as the one JSON line of `docs/formats/reading.md`, without the newline: what the journal keeps, the `file`
/// sink writes and the hub receives. Labels are looked up in `reading.labels`; one that is not there becomes `#ID`.
/// @thread any
std::string to_json(const Reading& reading);

/// Reads such a line back. Keys that it does not know are passed over. The labels of the result are those that its
/// findings name, numbered in the order in which they come; numbers are as exact as the line gives them, and the
/// monotonic time is whole milliseconds.
///
/// Errors: invalid, with the key that is wrong; too_large. @thread any
Result<Reading> reading_from_json(std::string_view line);

}  // namespace perch::journal
