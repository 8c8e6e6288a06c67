#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/result.hpp"
#include "base/text.hpp"
#include "command.hpp"

namespace {

/// An option that may be given several times takes one value each time: what comes after it is not its own.
void take_one_value_each(CLI::App& app) {
  for (CLI::Option* option : app.get_options())
    if (!option->get_positional()) option->allow_extra_args(false);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) take_one_value_each(*command);
}

/// The command that was chosen last: `ls` of `perch camera ls`.
const CLI::App& last_chosen(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : last_chosen(*chosen.back());
}

/// What is wrong where the name of a command had to stand and something else does; empty when that is not it.
std::string mistyped_command(const CLI::App& app) {
  const CLI::App& last = last_chosen(app);
  const std::vector<std::string> rest = last.remaining();
  if (last.get_require_subcommand_min() == 0 || rest.empty() || rest.front().starts_with('-')) return {};
  std::vector<std::string> names;
  for (const CLI::App* command : last.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty()) names.push_back(command->get_name());
  const std::string what = fmt::format("there is no command '{}'", perch::printable(rest.front(), 60));
  return perch::Error{perch::Errc::not_found, what, {}, perch::suggest(rest.front(), names)}.message();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Perch turns cameras into sensors."};
  app.name("perch");
  app.set_version_flag("--version", "perch " PERCH_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Print the help of every command");

  perch::cli::Run run;
  perch::cli::add_demo_command(app, run, PERCH_VERSION);
  perch::cli::add_run_command(app, run);
  perch::cli::add_edge_command(app, run, PERCH_VERSION);
  perch::cli::add_camera_command(app, run);
  perch::cli::add_check_command(app, run);
  perch::cli::add_model_command(app, run);
  perch::cli::add_bench_command(app, run);
  perch::cli::add_scene_command(app, run);
  perch::cli::add_train_command(app, run);
  perch::cli::add_dataset_command(app, run);
  take_one_value_each(app);

  int status = perch::cli::kUnusable;
  std::string trouble;  // that nobody has told yet
  try {
    app.parse(argc, argv);
    status = run();
  } catch (const CLI::ParseError& error) {
    trouble = mistyped_command(app);
    if (trouble.empty() && app.exit(error) == 0) status = perch::cli::kOk;
  } catch (const std::exception& error) {  // out of memory, a full disk, or a library that broke its own promise
    trouble = error.what();
  }
  const auto written = perch::cli::flush_output();
  if (!written && (status != perch::cli::kUnusable || !trouble.empty())) trouble = written.error().message();
  if (trouble.empty()) return status;
  std::fprintf(stderr, "perch: %s\n", trouble.c_str());  // which does not throw where nobody reads it
  return perch::cli::kUnusable;
}
