#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bench/report.hpp"

namespace perch::bench {

/// What `perch bench pipeline` is asked.
struct PipelinePlan {
  int cameras = 16;
  std::string model;                 ///< a name, or a file
  std::string models;                ///< a folder to look for it in, besides the usual ones; may be empty
  std::string pictures;              ///< folder of what the cameras see
  int slices = 8;                    ///< of the pipeline, and as many of the limit; 0: that is not measured
  Seconds slice{3};                  ///< length of each
  std::optional<double> load;        ///< part of the measured rate to offer, for the times to observation and reading
  int still = 0;                     ///< cameras with a still view, at 5 frames a second; 0: that is not measured
  double noise = 2;                  ///< of their sensors, levels
  std::optional<Nanoseconds> every;  ///< interval of the cameras in a steady run
  Seconds duration{60};              ///< of each run at an interval
};

/// Seconds that it will take, about.
Seconds time_needed(const PipelinePlan& plan);

/// Measures it. Starts processes of this program and ends them; leaves nothing behind.
/// @param tick  called about once a second; false ends it all. @thread main, blocks
/// Errors: those of the pictures and the model; internal (a process has ended, with its last words); canceled.
Result<PipelineReport> bench_pipeline(const PipelinePlan& plan, const std::function<bool()>& tick);

}  // namespace perch::bench
