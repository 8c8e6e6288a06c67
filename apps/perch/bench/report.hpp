#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/numbers.hpp"

namespace perch::bench {

/// The pipeline against the limit of the machine.
struct ThroughputReport {
  std::vector<Pair> pairs;
  Comparison of;
  int limit_workers = 0;             ///< with which the limit is highest
  double inference_ms = 0;           ///< of the model alone on one thread alone, median
  double core_share = 0;             ///< fps × inference / cores: what part of the cores' time went into the model
  double inference_together_ms = 0;  ///< the same while every core does nothing else: they share memory, and more
  double core_share_together = 0;    ///< fps × that / cores: 1 is as if there were nothing but the model
  double limit_cpu_ms = 0;           ///< a frame's time on a core, median of slices: in the limit's loops
  double edge_cpu_ms = 0;            ///< the same of the daemon, the kernel's work for it included
  double camera_cpu_ms = 0;          ///< the same of the cameras' process
  double skipped = 0;                ///< of all frames that came in
  double first_observation_ms = 0;   ///< from the start of the daemon, median
  double resident_mb = 0, peak_mb = 0;
};

/// Half of the values are at most `p50`, 99 of 100 at most `p99`.
struct Spread {
  std::size_t count = 0;
  double p50 = 0, p99 = 0;
};

/// Cameras that are asked at an interval, for some time.
struct SteadyReport {
  int cameras = 0;
  double every_ms = 0;
  double seconds = 0;
  double asked = 0;      ///< pictures that were due
  double looked = 0;     ///< of those, looked at
  double still = 0;      ///< of those, without motion
  double skipped = 0;    ///< replaced by a newer one
  double missed = 0;     ///< due while the one before was on its way
  double failures = 0;   ///< asked for in vain, or broken
  double uncounted = 0;  ///< came in, and are neither looked at nor skipped; those in work at the ends count here
  double edge_cores = 0, camera_cores = 0;                          ///< processors that were busy
  double resident_first_mb = 0, resident_last_mb = 0, peak_mb = 0;  ///< medians of the first and last tenth
  std::map<std::string, Spread> ms;  ///< from the picture's last byte: `total` to the observation, `committed` to the
                                     ///< reading on the disk, and the stages before

  double fps() const { return seconds > 0 ? looked / seconds : 0; }

  double skipped_share() const { return asked > 0 ? skipped / asked : 0; }

  double missed_share() const { return asked > 0 ? missed / asked : 0; }
};

struct PipelineReport {
  std::string model;
  int cores = 0, cameras = 0;
  double picture_kb = 0;  ///< mean
  std::optional<ThroughputReport> throughput;
  std::optional<SteadyReport> load;
  double load_part = 0;  ///< of the pipeline's own rate, that `load` offers
  std::optional<SteadyReport> still;
  std::optional<SteadyReport> steady;
};

/// A line of a table for people: what, the value, and the bar that it is held to. @thread any
std::string table_row(std::string_view what, std::string_view value, std::string_view bar = {});

/// One JSON object. @thread any
std::string to_json(const PipelineReport& report);
/// A table for people, with the bars that the project holds itself to.
std::string to_table(const PipelineReport& report);

}  // namespace perch::bench
