#pragma once
#include <atomic>
#include <csignal>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "command.hpp"
#include "progress.hpp"

/// What the parts of `perch bench` share.
namespace perch::cli {

/// Adds those that watch simulated cameras: `cameras`, `faults`, and `nodes`, the process that both start.
void add_bench_cameras(CLI::App& bench, Run& chosen);

/// Reads an option's time; one that was not given leaves `out` as it is. Errors: invalid.
Result<void> read_time(const std::string& text, std::string_view option, Nanoseconds& out);
Result<void> read_time(const std::string& text, std::string_view option, Seconds& out);

/// Takes a measurement with progress, and prints its report. An exit status. @thread main, blocks
/// @param plan  what `bench::time_needed` knows the length of
/// @param take  (plan, tick) → Result<Report>; a tick that says false ends it
template <class Plan, class Take>
int measure(const Plan& plan, bool as_json, Take take) {
  std::signal(SIGPIPE, SIG_IGN);  // of a process that has ended while it is spoken to
  const std::atomic<bool>& stopped = watch_ctrl_c();
  const SystemClock clock;
  Progress progress("s", static_cast<std::int64_t>(time_needed(plan).count()), clock);
  const auto tick = [&] {
    progress.advance();
    return !stopped;
  };
  const auto report = take(plan, tick);
  progress.hide();
  if (stopped) return kStopped;
  if (!report) return unusable("bench", report.error());
  fmt::print("{}", as_json ? to_json(*report) + '\n' : to_table(*report));
  return kOk;
}

}  // namespace perch::cli
