#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include "config/node.hpp"
#include "core/trainer.hpp"
#include "learn/train_message.hpp"

namespace {

namespace learn = perch::learn;
namespace trainer = perch::trainer;

// As every command of perch ends.
constexpr int kOk = 0;
constexpr int kPartly = 1;
constexpr int kUnusable = 2;
constexpr int kStopped = 130;

/// Starts the program anew, once, with OpenMP's threads told to sleep while they wait for each other. They would spin,
/// and beside anything else that wants the cores a training would spend three quarters of its time on that. OpenMP
/// reads the variable before main. Whoever has set it has chosen, as perch has; where it fails, training works all the
/// same.
void sleep_while_waiting(char** arguments) {
  if (std::getenv("OMP_WAIT_POLICY")) return;
  ::setenv("OMP_WAIT_POLICY", "passive", 1);
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);  // so that it keeps its name
  if (!failed) ::execv(program.c_str(), arguments);
}

/// Keeps the memory of a step's tensors for the next step. Given back to the system and asked for anew each time, it
/// cost a seventh of a training.
void keep_memory() {
  constexpr int kMost = 32 << 20;  // B: glibc takes no more
  ::mallopt(M_MMAP_THRESHOLD, kMost);
  ::mallopt(M_TRIM_THRESHOLD, 16 * kMost);
}

/// Set by Ctrl-C and by termination: the best model so far is kept and published. A second signal ends the process.
std::atomic<bool> stop_requested = false;

void request_stop(int signal) {
  stop_requested = true;
  std::signal(signal, SIG_DFL);
}

int failed(const perch::Error& error) {
  fmt::print("{}\n", to_json(learn::TrainFailed{error.message()}));
  return error.code == perch::Errc::canceled ? kStopped : kUnusable;
}

perch::Result<learn::TrainSettings> load_job(const std::string& path) {
  perch::config::Diagnostics diagnostics;
  const perch::config::Node table = perch::config::load_toml(path, diagnostics);
  if (!diagnostics.ok()) return perch::fail(diagnostics.to_error());
  return learn::parse_train_settings(table);
}

int run(const std::string& path, bool resume) {
  const auto settings = load_job(path);
  if (!settings) return failed(settings.error());
  bool problems = false;
  const trainer::Say say = [&](const learn::TrainMessage& message) {
    if (const auto* note = std::get_if<learn::TrainNote>(&message)) problems = problems || note->problem;
    fmt::print("{}\n", to_json(message));
    std::fflush(stdout);
  };
  const perch::SystemClock clock;
  const auto outcome = trainer::train(*settings, resume, say, clock, stop_requested);
  if (!outcome) return failed(outcome.error());
  if (outcome->stopped) return kStopped;
  return problems ? kPartly : kOk;
}

}  // namespace

int main(int argc, char** argv) {
  sleep_while_waiting(argv);
  keep_memory();
  CLI::App app{"Trains one model as a job says. Started by perch train, which writes the job."};
  app.name("perch-train");
  std::string job;
  bool resume = false;
  app.add_option("job", job, "The job: a TOML file")->type_name("FILE")->required();
  app.add_flag("--resume", resume, "Go on after the last checkpoint");
  app.footer(
      "Prints one JSON object a line.\n"
      "Exit status: 0 the model is published; 1 so it is, but something of the data could not be used; 2 nothing was\n"
      "published; 130 stopped by a signal, the best model so far is published.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == kOk ? kOk : kUnusable;
  }
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::signal(SIGPIPE, SIG_IGN);  // whoever listened may go; the training does not
  try {
    return run(job, resume);
  } catch (const std::exception& error) {  // out of memory, or a library that broke its own promise
    return failed({perch::Errc::internal, error.what(), {}, {}});
  }
}
