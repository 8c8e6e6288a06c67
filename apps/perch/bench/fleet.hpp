#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bench/report.hpp"

namespace perch::bench {

/// What `perch bench cameras` is asked.
struct FleetPlan {
  int count = 200;                   ///< cameras
  double faulty = 0.33;              ///< share of them that go through every fault, again and again
  std::string model;                 ///< a name, or a file
  std::string models;                ///< a folder to look for the model by name in, besides the usual ones
  Nanoseconds every{2'000'000'000};  ///< of each camera
  Seconds duration{600};             ///< of the run with faults
  std::optional<Seconds> calm;       ///< of those without, before it and after it; nothing: half as long; 0: none
  Seconds fault_every{20};           ///< a faulty camera's next fault; each lasts three quarters of it
  int rounds = 1;                    ///< of calm, faulty, calm
  int loops = 4;                     ///< different ones that the cameras look at
};

/// One run.
struct FleetRun {
  bool with_faults = false;
  double seconds = 0;
  double looked = 0;  ///< pictures of all cameras that were looked at
  Spread well_ms;     ///< of the cameras without faults: from a picture's last byte to its observation
  double well_asked = 0, well_missed = 0, well_failures = 0;
  double ill_failures = 0;                ///< of those with faults: asked for in vain, or broken
  double edge_cores = 0, node_cores = 0;  ///< processors that were busy
  double resident_first_mb = 0, resident_last_mb = 0, peak_mb = 0;  ///< of the daemon; medians of first and last tenth
  int descriptors_first = 0, descriptors_last = 0, descriptors_most = 0;
  std::map<std::string, int> ill_seen;   ///< health of faulty cameras, and at how many of the looks at them
  std::map<std::string, int> well_seen;  ///< the same of the others
};

struct FleetReport {
  std::string model;
  int cores = 0, cameras = 0, faulty = 0;
  std::vector<FleetRun> runs;
  double calm_p99_ms = 0, faulty_p99_ms = 0;  ///< of the cameras without faults, over all runs of a kind

  /// How much longer the 99th percentile of healthy cameras is beside faulty ones: 1 is no longer at all.
  double p99_ratio() const { return calm_p99_ms > 0 ? faulty_p99_ms / calm_p99_ms : 0; }
};

/// Seconds that it will take, about.
Seconds time_needed(const FleetPlan& plan);

/// The faults of one faulty camera, as `perch camera --fault` takes them: each of the eleven in turn, over and over.
/// @param turn  which of them comes first @thread any
std::vector<std::string> fault_round(int turn, Seconds begin, Seconds every);

/// Watches simulated cameras with `perch edge` and a model, without faults and with them in turn. Each run has
/// processes of its own; that one of them ends is an error. Leaves nothing behind.
/// @param tick  called about once a second; false ends it all. @thread main, blocks
/// Errors: those of the model; internal (a process has ended, with its last words); canceled.
Result<FleetReport> bench_fleet(const FleetPlan& plan, const std::function<bool()>& tick);

/// One JSON object. @thread any
std::string to_json(const FleetReport& report);
/// A table for people, with the bars that the project holds itself to.
std::string to_table(const FleetReport& report);

}  // namespace perch::bench
