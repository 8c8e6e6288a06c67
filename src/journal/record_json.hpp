#pragma once
#include <string_view>

#include "base/result.hpp"
#include "seam/frame.hpp"

namespace perch::journal {

/// Reads one JSON object as a record of signals, in its order. Objects in it are taken apart, their keys joined by a
/// dot (`engine.rpm`); `null` is left out; whole numbers that fit 64 bits stay whole.
/// Errors: invalid (no JSON, no object, a list), naming the key. @thread any
Result<Record> record_from_json(std::string_view text);

}  // namespace perch::journal
