#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace perch::cli {

/// Runs a program to its end and gives each line of its standard output to `on_line`. Its standard error is ours.
///
/// While it runs, Ctrl-C and termination are passed on to it, once each time, and do not end this process: the child
/// decides what to keep. It has a process group of its own, so that a terminal's Ctrl-C reaches it once.
/// @returns its exit status; 128 + n when signal n ended it. Errors: not_found, denied, io. One at a time. @thread main
Result<int> run_child(const std::vector<std::string>& command, const std::function<void(std::string_view)>& on_line);

/// Tells programs that are started from now on to let OpenMP's threads sleep while they wait for each other, which it
/// reads before their main: the trainer would start itself anew for that, and loading libtorch takes longer than
/// anything else it does at its start. Whoever has set OMP_WAIT_POLICY has chosen. @thread main, before there are
/// others
void let_openmp_sleep();

}  // namespace perch::cli
