#pragma once
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace perch::bench {

/// Simulated cameras on loopback, made as they are asked for.
///
/// Each line on the descriptor `in` is a camera: `NUMBER FAULT…`, whose loop is that number, modulo their count.
/// Answers `port P` on `out`; the times of its faults count from then. `quit`, or the end of `in`, ends it.
/// @param loops  folders of pictures, each shown over and over
/// @param every  how long each picture is shown
/// Errors: those of the folders; io. A line that is no camera is answered `error …`. @thread main, blocks
Result<void> serve_nodes(const std::vector<std::string>& loops, Nanoseconds every, int in, int out);

}  // namespace perch::bench
