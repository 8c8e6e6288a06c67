#pragma once

namespace perch {

/// Prints the broken invariant and aborts. @thread any
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace perch

/// A broken invariant of ours ends the program, in release builds too. Data from outside must never reach one: what the
/// world can get wrong is an `Error`.
#define PERCH_ASSERT(condition) \
  (static_cast<bool>(condition) ? void(0) : ::perch::assertion_failed(#condition, __FILE__, __LINE__))
