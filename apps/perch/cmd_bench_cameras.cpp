#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "bench/faults.hpp"
#include "bench/fleet.hpp"
#include "bench/node_server.hpp"
#include "cmd_bench.hpp"
#include "number_option.hpp"

namespace perch::cli {

namespace {

template <class Time>
Result<void> read_positive(const std::string& text, std::string_view option, Time& out) {
  PERCH_CHECK(read_time(text, option, out));
  if (out <= Time{0}) return fail(Errc::invalid, "must be more than nothing", std::string(option));
  return {};
}

struct FleetOptions {
  bench::FleetPlan plan;
  std::string every, duration, calm, fault_every;
  bool json = false;
};

int run_fleet(const FleetOptions& options) {
  bench::FleetPlan plan = options.plan;
  for (const Result<void>& good : {read_positive(options.every, "--every", plan.every),
                                   read_positive(options.duration, "--duration", plan.duration),
                                   read_positive(options.fault_every, "--fault-every", plan.fault_every)})
    if (!good) return unusable("bench", good.error());
  if (!options.calm.empty())
    if (const Result<void> good = read_time(options.calm, "--calm", plan.calm.emplace()); !good)
      return unusable("bench", good.error());
  return measure(plan, options.json, bench::bench_fleet);
}

void add_fleet(CLI::App& bench, Run& chosen) {
  const auto options = std::make_shared<FleetOptions>();
  bench::FleetPlan& plan = options->plan;
  CLI::App* command = bench.add_subcommand("cameras", "Watch many simulated cameras, some of them with every fault");
  command->add_option("--model", plan.model, "An ONNX file, or a model's name")->required();
  command->add_option("--models", plan.models, "A folder to look for the model by name in")->type_name("DIR");
  command->add_option("--count", plan.count, "Cameras")->check(CLI::Range(1, 400))->capture_default_str();
  command->add_option("--faulty", plan.faulty, "Share of them that go through every fault, over and over")
      ->check(in_range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--every", options->every, "Of each camera (default: 2s)")->type_name("TIME");
  command->add_option("--duration", options->duration, "Of the run with faults (default: 10min)")->type_name("TIME");
  command
      ->add_option("--calm", options->calm, "Of each run without, before and after (default: half as long; 0s: none)")
      ->type_name("TIME");
  command->add_option("--fault-every", options->fault_every, "From one fault of a camera to the next (default: 20s)")
      ->type_name("TIME");
  command->add_option("--rounds", plan.rounds, "So often")->check(CLI::Range(1, 100))->capture_default_str();
  command->add_option("--loops", plan.loops, "Different views, which the cameras share")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->footer(
      "Starts the cameras and perch edge as processes of their own, on loopback and in a temporary folder.\n"
      "Exit status: 0 it was measured; 2 it could not be, or a process ended; 130 stopped by Ctrl-C or SIGTERM.");
  command->callback([options, &chosen] { chosen = [options] { return run_fleet(*options); }; });
}

struct FaultsOptions {
  bench::FaultsPlan plan;
  std::string every, timeout, frozen_after, well, ill, patience;
  bool small = false;
  bool json = false;
};

int run_faults(const FaultsOptions& options) {
  constexpr image::Size kSmall{320, 240};
  bench::FaultsPlan plan = options.plan;
  if (options.small) plan.size = kSmall;
  for (const Result<void>& good :
       {read_positive(options.every, "--every", plan.every), read_positive(options.timeout, "--timeout", plan.timeout),
        read_positive(options.frozen_after, "--frozen-after", plan.frozen_after),
        read_positive(options.well, "--well", plan.well), read_positive(options.ill, "--ill", plan.ill),
        read_positive(options.patience, "--patience", plan.patience)})
    if (!good) return unusable("bench", good.error());
  return measure(plan, options.json, bench::bench_faults);
}

void add_faults(CLI::App& bench, Run& chosen) {
  const auto options = std::make_shared<FaultsOptions>();
  CLI::App* command = bench.add_subcommand("faults", "See what each fault of a camera is called, and after how long");
  const auto time = [&](const char* name, std::string& value, const char* help) {
    command->add_option(name, value, help)->type_name("TIME");
  };
  command->add_option("--fault", options->plan.faults, "Only this one; may be given several times")
      ->allow_extra_args(false)
      ->type_name("KIND");
  time("--every", options->every, "Of each camera (default: 1s)");
  time("--timeout", options->timeout, "Longest wait for a picture (default: 5s)");
  time("--frozen-after", options->frozen_after, "As in health = { frozen_after } (default: 30s)");
  time("--well", options->well, "Before the faults begin (default: 1min)");
  time("--ill", options->ill, "How long each fault lasts (default: 90s)");
  time("--patience", options->patience, "For the cameras to be live again after it (default: 90s)");
  command->add_flag("--small", options->small, "Pictures of 320 × 240 px instead of 640 × 480");
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->footer(
      "Eleven cameras, each with one fault, and one without, watched by one perch edge at the same time.\n"
      "Exit status: 0 it was measured; 2 it could not be; 130 stopped by Ctrl-C or SIGTERM.");
  command->callback([options, &chosen] { chosen = [options] { return run_faults(*options); }; });
}

void add_nodes(CLI::App& bench, Run& chosen) {
  struct Options {
    std::vector<std::string> loops;
    std::string every;
  };

  const auto options = std::make_shared<Options>();
  CLI::App* command = bench.add_subcommand("nodes", "The simulated cameras of a benchmark")->group("");
  command->add_option("--loop", options->loops, "A folder of pictures")->required();
  command->add_option("--every", options->every, "How long each is shown")->required();
  command->callback([options, &chosen] {
    chosen = [options] {
      std::signal(SIGINT, SIG_IGN);  // whoever started it ends it
      std::signal(SIGPIPE, SIG_IGN);
      Nanoseconds every{0};
      if (const Result<void> good = read_positive(options->every, "--every", every); !good)
        return unusable("bench", good.error());
      const Result<void> served = bench::serve_nodes(options->loops, every, STDIN_FILENO, STDOUT_FILENO);
      return served ? kOk : unusable("bench", served.error());
    };
  });
}

}  // namespace

void add_bench_cameras(CLI::App& bench, Run& chosen) {
  add_fleet(bench, chosen);
  add_faults(bench, chosen);
  add_nodes(bench, chosen);
}

}  // namespace perch::cli
