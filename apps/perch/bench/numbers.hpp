#pragma once
#include <cstddef>
#include <span>
#include <vector>

/// The arithmetic of `perch bench`. Pure. @thread any
namespace perch::bench {

/// The middle value, or the mean of the two in the middle; 0 without values.
double median(std::vector<double> values);

/// The value that `part` (0..1) of the values do not exceed, by nearest rank; 0 without values.
double percentile(std::vector<double> values, double part);

/// Medians of the first and of the last tenth of the values, one value at least: how what was measured again and again
/// was at the start and at the end. 0 without values.
struct Ends {
  double first = 0, last = 0;
};

Ends ends(const std::vector<double>& values);

/// In millions.
double megabytes(std::size_t bytes);

/// What one pair of slices measured, in frames a second: the pipeline, and the limit just before it.
struct Pair {
  double fps = 0;
  double limit_fps = 0;
};

/// Many pairs in few numbers. Pairs share whatever else the machine did at that time, so the median of their ratios
/// says more than the ratio of two medians.
struct Comparison {
  double fps = 0;               ///< median
  double limit_fps = 0;         ///< median
  double efficiency = 0;        ///< median of fps / limit_fps of each pair
  double ratio_of_medians = 0;  ///< fps / limit_fps
};

/// Pairs without a limit are left out of `efficiency`.
Comparison compare(std::span<const Pair> pairs);

/// The interval at which `cameras` cameras together offer `load` (0..1) of `fps` frames a second, in seconds.
/// @pre cameras, load and fps are above 0
double interval_for(int cameras, double fps, double load);

}  // namespace perch::bench
