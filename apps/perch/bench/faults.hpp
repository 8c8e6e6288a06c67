#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "image/picture.hpp"

namespace perch::bench {

/// What `perch bench faults` is asked.
struct FaultsPlan {
  std::vector<std::string> faults;           ///< which, by name; empty: all
  Nanoseconds every{1'000'000'000};          ///< of each camera
  Nanoseconds timeout{5'000'000'000};        ///< of a fetch
  Nanoseconds frozen_after{30'000'000'000};  ///< `health.frozen_after`
  Seconds well{60};                          ///< before the faults begin: to learn the usual view
  Seconds ill{90};                           ///< how long each lasts
  Seconds patience{90};                      ///< for recovery, after that
  image::Size size{640, 480};
};

/// What became of a camera with one fault.
struct FaultRow {
  std::string fault;         ///< as `perch camera --fault` calls it; empty: of a camera without one
  std::string expected;      ///< the health that names it
  std::string named;         ///< the first that was not live after it began; empty: none
  std::string reason;        ///< in words, as it was when the fault ended
  double named_s = 0;        ///< from its beginning
  std::string others;        ///< what else it was called meanwhile, in order
  double recovered_s = -1;   ///< from its end to live again; negative: it did not
  std::string false_alarms;  ///< what it was called before it began

  bool right() const {
    return named == expected && others.empty() && false_alarms.empty() && (fault.empty() || recovered_s >= 0);
  }
};

struct FaultsReport {
  std::vector<FaultRow> rows;  ///< one a fault, and one of a camera without
};

/// Seconds that it will take at most.
Seconds time_needed(const FaultsPlan& plan);

/// Watches cameras with `perch edge`, each with one fault of `perch camera`, all at the same time and in real time, and
/// notes what the daemon calls it, and when. Starts processes of this program and ends them; leaves nothing behind.
/// @param tick  called about once a second; false ends it all. @thread main, blocks
/// Errors: invalid (a fault); internal (a process has ended, with its last words); canceled.
Result<FaultsReport> bench_faults(const FaultsPlan& plan, const std::function<bool()>& tick);

/// One JSON object. @thread any
std::string to_json(const FaultsReport& report);
/// A table in Markdown, as it stands in docs/cameras.md.
std::string to_table(const FaultsReport& report);

}  // namespace perch::bench
