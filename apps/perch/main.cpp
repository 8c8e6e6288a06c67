#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "command.hpp"

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

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? perch::cli::kOk : perch::cli::kUnusable;
  }
  try {
    return run();
  } catch (const std::exception& error) {  // out of memory, or a library that broke its own promise
    fmt::print(stderr, "perch: {}\n", error.what());
    return perch::cli::kUnusable;
  }
}
