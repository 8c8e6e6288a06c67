#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace perch::cli {

/// What every command ends with; a promise to scripts.
enum ExitStatus : int {
  kOk = 0,        ///< all was done
  kPartly = 1,    ///< something could not be read, or a check found errors; each is named
  kUnusable = 2,  ///< the command line, the configuration or the model cannot be used, and nothing was done; or
                  ///< what was to be printed could not be written
  kStopped = 130  ///< stopped by Ctrl-C or SIGTERM
};

/// Says on standard error why `perch COMMAND` cannot do what it was asked to. @return kUnusable
int unusable(std::string_view command, const Error& error);

/// Sends on what was printed on standard output. What did not arrive, now or earlier, is an error: a full disk must not
/// look like a job well done. Does not throw. Errors: io, full
/// @thread one at a time
Result<void> flush_output();

/// Prints a line on standard output and sends it on. Errors: those of `flush_output`.
Result<void> print_line(std::string_view line);

/// `1 picture`, `3 pictures`: for things whose plural ends in s. @thread any
std::string counted(std::size_t count, std::string_view thing);

/// From now on Ctrl-C, or SIGTERM, makes this true instead of ending the program, so that nothing of it stays behind; a
/// second one ends it. @thread any
const std::atomic<bool>& watch_ctrl_c();

/// A command sets `run` when it was chosen; `main` calls it once the whole command line has been parsed.
using Run = std::function<int()>;

// One function a command: adds it to the program's command line.
CLI::App* add_run_command(CLI::App& parent, Run& run);
/// @param version  of the program
CLI::App* add_edge_command(CLI::App& parent, Run& run, const std::string& version);
CLI::App* add_camera_command(CLI::App& parent, Run& run);
CLI::App* add_check_command(CLI::App& parent, Run& run);
CLI::App* add_model_command(CLI::App& parent, Run& run);
CLI::App* add_bench_command(CLI::App& parent, Run& run);
/// @param version  of the program
CLI::App* add_demo_command(CLI::App& parent, Run& run, const std::string& version);
CLI::App* add_scene_command(CLI::App& parent, Run& run);
CLI::App* add_train_command(CLI::App& parent, Run& run);
CLI::App* add_dataset_command(CLI::App& parent, Run& run);

}  // namespace perch::cli
