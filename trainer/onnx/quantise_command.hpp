#pragma once

namespace perch::trainer {

/// `perch-train quantise`, started by `perch model quantise`.
/// @param argv  from the word `quantise` on
/// @returns the exit status: 0 published, 1 nothing was published because too much was lost, 2 it cannot be done
int quantise_command(int argc, char** argv);

}  // namespace perch::trainer
