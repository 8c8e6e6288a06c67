#pragma once
#include <vector>

/// Thresholds beyond what was seen. Pure, plain C++17.
namespace perch::trainer {

/// The share of normal frames whose score may reach the threshold, for a wanted rate of false alarms.
///
/// An alarm needs `frames` frames in a row at or above the threshold, so there are at most a `frames`th as many alarms
/// as such frames, however much one frame is like the next: no independence is assumed.
/// @param per_week  wanted false alarms a week at most. @param every_s  seconds between frames
double allowed_share(double per_week, int frames, double every_s);

/// The score that a share of all normal frames reaches. Where that is rarer than what was seen, the highest tenth of
/// the scores is continued by a generalised Pareto distribution, fitted by its first two moments (Hosking and Wallis
/// 1987), with a tail that is never taken to be shorter than an exponential one.
/// @param scores  of normal frames, at least 20. @param share  0 < share < 1
double tail_threshold(std::vector<double> scores, double share);

}  // namespace perch::trainer
