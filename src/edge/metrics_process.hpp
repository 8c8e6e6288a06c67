#pragma once
#include <cstdint>

namespace perch::edge {

/// What the system knows about this process.
struct ProcessFigures {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0;
  double cpu_s = 0;           ///< user and system
  double started_unix_s = 0;  ///< since 1970
};

/// Reads it from `/proc`; what cannot be read is 0. @thread any
ProcessFigures process_figures();

}  // namespace perch::edge
