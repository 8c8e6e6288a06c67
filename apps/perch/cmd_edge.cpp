#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <malloc.h>

#include "base/log.hpp"
#include "command.hpp"
#include "edge/daemon.hpp"
#include "seam/registry.hpp"

namespace perch::cli {

namespace {

struct EdgeOptions {
  std::string config = "perch.toml";
  std::optional<std::string> data;
  bool quiet = false;
};

/// Pictures come and go many times a second: the memory of one is kept for the next, not handed back to the system,
/// which costs a page fault for every 4 kB.
void keep_memory_for_pictures() {
  constexpr int kMegabyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kMegabyte);
  mallopt(M_TRIM_THRESHOLD, 8 * kMegabyte);
}

int run_edge(const EdgeOptions& options, const std::string& version) {
  Registry registry;
  describe_all(registry);
  keep_memory_for_pictures();
  if (options.quiet) log::set_level(log::Level::warning);
  edge::EdgeOptions edge;
  edge.config = options.config;
  edge.version = version;
  if (options.data) edge.data = *options.data;
  const auto done = edge::run_edge(edge, registry);
  if (done) return kOk;
  for (const std::string& mistake : done.error()) fmt::print(stderr, "perch edge: {}\n", mistake);
  return kUnusable;
}

}  // namespace

CLI::App* add_edge_command(CLI::App& parent, Run& chosen, const std::string& version) {
  const auto options = std::make_shared<EdgeOptions>();
  CLI::App* command = parent.add_subcommand("edge", "Watch cameras around the clock");
  command->add_option("-c,--config", options->config, "The configuration (docs/reference.md)")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--data", options->data, "Folder of journal, pictures and models, instead of the file's `data`")
      ->type_name("DIR");
  command->add_flag("--quiet", options->quiet, "Log warnings and errors only");
  command->footer(
      "Changes of the configuration are taken up within seconds, or at SIGHUP; what is wrong is logged, and the last "
      "good one stays at work.\nExit status: 0 stopped by SIGTERM or Ctrl-C; 2 it could not start, with every reason.");
  command->callback(
      [options, version, &chosen] { chosen = [options, version] { return run_edge(*options, version); }; });
  return command;
}

}  // namespace perch::cli
