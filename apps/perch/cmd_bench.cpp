#include "cmd_bench.hpp"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/text.hpp"
#include "bench/camera_server.hpp"
#include "bench/pipeline.hpp"
#include "bench/views.hpp"
#include "number_option.hpp"

namespace perch::cli {

namespace {

struct BenchOptions {
  bench::PipelinePlan plan;
  double slice_s = bench::PipelinePlan().slice.count();
  std::string every, duration;
  bool json = false;
};

struct CameraOptions {
  std::string pictures;
  int each = 1;
};

Result<bench::PipelinePlan> plan_of(const BenchOptions& options) {
  bench::PipelinePlan plan = options.plan;
  plan.slice = Seconds(options.slice_s);
  if (plan.load && plan.slices == 0)
    return fail(Errc::invalid, "a part of the pipeline's rate needs that rate", "--load", "give --slices too");
  if (!options.every.empty()) PERCH_CHECK(read_time(options.every, "--every", plan.every.emplace()));
  PERCH_CHECK(read_time(options.duration, "--duration", plan.duration));
  return plan;
}

int run_pipeline(const BenchOptions& options) {
  const Result<bench::PipelinePlan> plan = plan_of(options);
  if (!plan) return unusable("bench", plan.error());
  return measure(*plan, options.json, bench::bench_pipeline);
}

int run_cameras(const CameraOptions& options) {
  const Result<std::vector<Bytes>> views = bench::read_views(options.pictures);
  if (!views) return unusable("bench", views.error());
  if (views->size() < static_cast<std::size_t>(options.each))
    return unusable("bench", {Errc::invalid, "there are too few pictures", options.pictures, {}});
  std::signal(SIGINT, SIG_IGN);  // whoever started it ends it
  Result<bench::CameraServer> server = bench::CameraServer::create(*views, options.each);
  if (!server) return unusable("bench", server.error());
  fmt::print("port {}\n", server->port());
  std::fflush(stdout);
  const Result<void> served = server->serve(STDIN_FILENO, STDOUT_FILENO);
  return served ? kOk : unusable("bench", served.error());
}

void add_pipeline(CLI::App* command, const std::shared_ptr<BenchOptions>& options, Run& chosen) {
  bench::PipelinePlan& plan = options->plan;
  CLI::App* pipeline = command->add_subcommand("pipeline", "Measure perch edge on cameras of its own");
  pipeline->add_option("--model", plan.model, "An ONNX file, or a model's name")->required();
  pipeline->add_option("--pictures", plan.pictures, "What the cameras see is made of these")
      ->required()
      ->type_name("DIR");
  pipeline->add_option("--models", plan.models, "A folder to look for the model by name in")->type_name("DIR");
  pipeline->add_option("--cameras", plan.cameras, "Cameras with changing views")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  pipeline->add_option("--slices", plan.slices, "Of the pipeline, in turn with as many of the limit; 0: none")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  pipeline->add_option("--seconds", options->slice_s, "Of each slice")
      ->check(in_range(0.2, 600.0))
      ->capture_default_str();
  pipeline->add_option("--load", plan.load, "Then offer this part of the measured rate, and measure times")
      ->check(in_range(0.01, 2.0));
  pipeline->add_option("--still", plan.still, "Watch so many still cameras at 5 frames a second, with the gate on")
      ->check(CLI::Range(0, 10'000));
  pipeline->add_option("--noise", plan.noise, "Of the still cameras' sensors, in levels")
      ->check(in_range(0.0, 50.0))
      ->capture_default_str();
  pipeline->add_option("--every", options->every, "Watch the cameras at this interval, like 200ms");
  pipeline->add_option("--duration", options->duration, "Of each run at an interval (default: 1min)");
  pipeline->add_flag("--json", options->json, "One JSON object on standard output");
  pipeline->footer(
      "Starts cameras and perch edge as processes of their own, on loopback and in a temporary folder.\n"
      "Exit status: 0 it was measured; 2 it could not be; 130 stopped by Ctrl-C or SIGTERM.");
  pipeline->callback([options, &chosen] { chosen = [options] { return run_pipeline(*options); }; });
}

void add_cameras(CLI::App* command, Run& chosen) {
  const auto options = std::make_shared<CameraOptions>();
  CLI::App* cameras = command->add_subcommand("camera-server", "The cameras of a benchmark")->group("");
  cameras->add_option("--pictures", options->pictures, "JPEGs to show")->required();
  cameras->add_option("--each", options->each, "Pictures of each camera")->check(CLI::Range(1, 1'000'000));
  cameras->callback([options, &chosen] { chosen = [options] { return run_cameras(*options); }; });
}

}  // namespace

Result<void> read_time(const std::string& text, std::string_view option, Nanoseconds& out) {
  if (text.empty()) return {};
  const Result<Nanoseconds> time = parse_duration(text);
  if (!time) return fail(time.error().at(std::string(option)));
  out = *time;
  return {};
}

Result<void> read_time(const std::string& text, std::string_view option, Seconds& out) {
  Nanoseconds time = std::chrono::round<Nanoseconds>(out);
  PERCH_CHECK(read_time(text, option, time));
  out = time;
  return {};
}

CLI::App* add_bench_command(CLI::App& parent, Run& chosen) {
  CLI::App* command = parent.add_subcommand("bench", "Measure how close to the speed of the machine this runs");
  command->require_subcommand(1);
  add_pipeline(command, std::make_shared<BenchOptions>(), chosen);
  add_cameras(command, chosen);
  add_bench_cameras(*command, chosen);
  return command;
}

}  // namespace perch::cli
