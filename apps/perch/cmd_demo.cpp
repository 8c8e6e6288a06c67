#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "base/log_file.hpp"
#include "base/text.hpp"
#include "command.hpp"
#include "demo/cameras.hpp"
#include "demo/config.hpp"
#include "demo/display.hpp"
#include "edge/daemon.hpp"
#include "model/search.hpp"
#include "number_option.hpp"
#include "seam/registry.hpp"

namespace perch::cli {

namespace {

constexpr double kMostSeconds = 365 * 86'400;

namespace fs = std::filesystem;

struct DemoOptions {
  int port = 3000;
  std::optional<std::string> data;
  double speed = 1;
  double seconds = 0;  ///< 0: until it is stopped
  bool print_config = false;
};

/// Where the demo keeps its configuration, readings and log: the folder that was given, else one that goes with it.
class DemoFolder {
 public:
  static Result<DemoFolder> open(const std::optional<std::string>& wanted) {
    std::error_code error;
    DemoFolder folder;
    if (wanted) {
      if (wanted->empty()) return fail(Errc::invalid, "names no folder", "--data", "give one, or leave it out");
      fs::create_directories(*wanted, error);
      if (error)
        return fail(Errc::io, "cannot make the folder: " + error.message(), *wanted, "name another with --data");
      folder.path_ = fs::absolute(*wanted, error);
      return folder;
    }
    std::string made = (fs::temp_directory_path(error) / "perch-demo-XXXXXX").string();
    if (error || ::mkdtemp(made.data()) == nullptr)
      return fail(Errc::io, "cannot make a temporary folder", made, "give one with --data DIR");
    folder.path_ = made;
    folder.is_temporary_ = true;
    return folder;
  }

  DemoFolder(DemoFolder&& other) noexcept
      : path_(std::move(other.path_)),
        is_temporary_(std::exchange(other.is_temporary_, false)) {}

  DemoFolder& operator=(DemoFolder&&) = delete;

  ~DemoFolder() {
    std::error_code ignored;
    if (is_temporary_) fs::remove_all(path_, ignored);
  }

  fs::path operator/(const char* name) const { return path_ / name; }

  const fs::path& path() const { return path_; }

 private:
  DemoFolder() = default;

  fs::path path_;
  bool is_temporary_ = false;
};

/// The models that are asked for and are not there, each with why.
std::vector<std::pair<std::string, Error>> missing_models(const DemoPlan& plan) {
  const std::vector<fs::path> folders = model::model_folders({});
  std::vector<std::pair<std::string, Error>> missing;
  for (const Place& place : plan.places)
    for (const Question& question : place.questions)
      if (!question.model.empty())
        if (const auto found = model::find_model(question.model, folders); !found)
          missing.emplace_back(question.model, found.error());
  return missing;
}

Result<DemoPlan> make_plan(const DemoOptions& options) {
  DemoPlan plan;
  PERCH_TRY(plan.places, demo_places(options.speed));
  plan.port = static_cast<std::uint16_t>(options.port);
  plan.type = demo_type(options.port > 0 ? static_cast<unsigned>(options.port) : static_cast<unsigned>(::getpid()));
  for (const auto& [model, why] : missing_models(plan)) plan.without.push_back(model);
  return plan;
}

/// Says what is missing. Whether enough is left to show.
bool report_missing(const DemoPlan& plan) {
  const auto missing = missing_models(plan);
  for (const auto& [model, why] : missing)
    fmt::print(stderr, "perch demo: {}\n  it goes on without; models/remake {} makes it\n", why.what, model);
  std::size_t with_model = 0;
  for (const Place& place : plan.places)
    for (const Question& question : place.questions) with_model += question.model.empty() ? 0 : 1;
  if (missing.size() < with_model) return true;
  fmt::print(stderr,
             "perch demo: none of its models is there\n  models/remake makes them, from a clone of the project\n");
  return false;
}

/// Asks the program to end, as Ctrl-C does, after so long.
class EndAfter {
 public:
  explicit EndAfter(double seconds) {
    if (seconds <= 0) return;
    thread_ = std::jthread([seconds](const std::stop_token& stop) {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any never;
      never.wait_for(lock, stop, Seconds(seconds), [] { return false; });
      if (!stop.stop_requested()) ::kill(::getpid(), SIGTERM);
    });
  }

 private:
  std::jthread thread_;
};

int run_daemon(const DemoOptions& options, const DemoPlan& plan, const DemoFolder& folder, const std::string& version) {
  Registry registry;
  describe_all(registry);
  auto cameras = DemoCameras::start(plan.places, plan.type);
  if (!cameras) return unusable("demo", cameras.error());

  std::optional<Display> display;
  edge::EdgeOptions edge;
  edge.config = folder / "demo.toml";
  edge.data = folder.path();
  edge.version = version;
  edge.listening = [&](std::uint16_t port) {
    if (display) return;
    display.emplace(
        fmt::format("page   http://127.0.0.1:{}/\nconfig {}   (change it: it is taken up at once)\n"
                    "log    {}\nCtrl-C ends it.\n",
                    port, edge.config.string(), (folder / "perch.log").string()));
    display->begin(port);
  };
  const EndAfter end(options.seconds);
  const auto done = edge::run_edge(edge, registry);
  display.reset();
  if (done) return kOk;
  for (const std::string& mistake : done.error()) fmt::print(stderr, "perch demo: {}\n", mistake);
  return kUnusable;
}

int run_demo(const DemoOptions& options, const std::string& version) {
  const Result<DemoPlan> plan = make_plan(options);
  if (!plan) return unusable("demo", plan.error());
  if (options.print_config) {
    fmt::print("{}", demo_config(*plan));
    return kOk;
  }
  if (!report_missing(*plan)) return kUnusable;
  const Result<DemoFolder> folder = DemoFolder::open(options.data);
  if (!folder) return unusable("demo", folder.error());
  if (const Result<void> logged = log::to_file(*folder / "perch.log"); !logged) return unusable("demo", logged.error());
  if (const auto written = write_file(*folder / "demo.toml", as_bytes(demo_config(*plan))); !written)
    return unusable("demo", written.error());
  return run_daemon(options, *plan, *folder, version);
}

}  // namespace

CLI::App* add_demo_command(CLI::App& parent, Run& chosen, const std::string& version) {
  const auto options = std::make_shared<DemoOptions>();
  CLI::App* command = parent.add_subcommand("demo", "Show Perch at work, with simulated cameras and its own models");
  command->add_option("--port", options->port, "Of the page; 0: a free one")
      ->type_name("N")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--data", options->data, "Keep configuration, readings and log there; default: nothing is kept")
      ->type_name("DIR");
  command->add_option("--speed", options->speed, "Let the scenes' time run so many times faster still")
      ->type_name("N")
      ->check(in_range(0.01, 100.0))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "End after so long; 0: at Ctrl-C")
      ->type_name("N")
      ->check(in_range(0, kMostSeconds))
      ->capture_default_str();
  command->add_flag("--print-config", options->print_config, "Print the configuration that it runs, and end");
  command->footer(
      "Four simulated cameras on this machine alone are found by discovery and read by the models that come with "
      "Perch, "
      "by the same daemon as perch edge. Needs no network and sends nothing.\n"
      "Exit status: 0 stopped by SIGTERM, Ctrl-C or --seconds; 2 it could not start, with the reason.");
  command->callback(
      [options, version, &chosen] { chosen = [options, version] { return run_demo(*options, version); }; });
  return command;
}

}  // namespace perch::cli
