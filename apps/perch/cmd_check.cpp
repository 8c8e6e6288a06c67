#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/json_text.hpp"
#include "command.hpp"
#include "edge/check_parts.hpp"
#include "edge/config_file.hpp"
#include "edge/settings.hpp"
#include "reference.hpp"
#include "seam/registry.hpp"

namespace perch::cli {

namespace {

struct CheckOptions {
  std::string file;
  bool json = false;
  bool schema = false;
  bool reference = false;
  bool no_models = false;
};

struct Checked {
  std::vector<config::Diagnostic> errors;
  std::size_t cameras = 0;
  std::size_t discover = 0;  ///< blocks for cameras that are yet to be found
  std::size_t tasks = 0;     ///< of both
  int status = kOk;
};

/// What can be known of a configuration whose files are on another machine.
tl::expected<edge::Settings, config::Diagnostics> without_files(std::string_view text, const std::string& file,
                                                                const Registry& registry) {
  edge::Draft draft = edge::draft_settings(text, file, registry);
  edge::check_parts(draft, registry, {});
  if (draft.diagnostics.ok()) return std::move(draft.settings);
  draft.diagnostics.sort();
  return tl::unexpected(std::move(draft.diagnostics));
}

Checked check(const std::string& file, bool with_models, const Registry& registry) {
  constexpr std::size_t kMostBytes = 4'000'000;
  const Result<Bytes> bytes = read_file(file, kMostBytes);
  if (!bytes) return {{{file, 0, 0, "", bytes.error().what, bytes.error().remedy}}, 0, 0, 0, kUnusable};
  const auto settings = with_models ? edge::ConfigFile(file, {}, registry).read().map(&edge::Configuration::settings)
                                    : without_files(as_text(*bytes), file, registry);
  if (!settings) return {settings.error().list(), 0, 0, 0, kPartly};
  Checked outcome{{}, settings->cameras.size(), settings->discover.size(), 0, kOk};
  for (const edge::Camera& camera : settings->cameras) outcome.tasks += camera.tasks.size();
  for (const edge::Discover& block : settings->discover) outcome.tasks += block.tasks.size();
  return outcome;
}

std::string to_json(const std::string& file, const Checked& outcome) {
  json::Writer json;
  const auto count = [&](std::string_view key, std::size_t value) {
    json.key(key).integer(static_cast<std::int64_t>(value));
  };
  json.begin_object().key("file").string(file).key("ok").boolean(outcome.errors.empty());
  count("cameras", outcome.cameras);
  count("discover", outcome.discover);
  count("tasks", outcome.tasks);
  json.key("errors").begin_array();
  for (const config::Diagnostic& error : outcome.errors) {
    json.begin_object().key("file").string(error.file);
    json.key("line").integer(error.line).key("column").integer(error.column).key("key").string(error.key);
    json.key("reason").string(error.reason).key("remedy").string(error.remedy);
    json.key("message").string(error.message()).end_object();
  }
  return json.end_array().end_object().text();
}

void print(const std::string& file, const Checked& outcome) {
  for (const config::Diagnostic& error : outcome.errors) fmt::print("{}\n", error.message());
  const std::string discover = outcome.discover > 0 ? counted(outcome.discover, "discover block") + ", " : "";
  if (outcome.errors.empty())
    fmt::print("{}: ok: {}, {}{}\n", file, counted(outcome.cameras, "camera"), discover,
               counted(outcome.tasks, "task"));
  else if (outcome.errors.size() > 1)
    fmt::print(stderr, "perch check: {}\n", counted(outcome.errors.size(), "error"));
}

int run_check(const CheckOptions& options) {
  Registry registry;
  describe_all(registry);
  if (options.schema || options.reference) {
    fmt::print("{}", options.schema ? settings_schema(registry) : reference_page(registry));
    return kOk;
  }
  const Checked outcome = check(options.file, !options.no_models, registry);
  if (options.json)
    fmt::print("{}\n", to_json(options.file, outcome));
  else
    print(options.file, outcome);
  return outcome.status;
}

}  // namespace

CLI::App* add_check_command(CLI::App& parent, Run& chosen) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App* command = parent.add_subcommand("check", "Say everything that is wrong with a perch.toml");
  const auto what = command->add_option_group("what");
  what->add_option("file", options->file, "The configuration to check")->type_name("FILE");
  what->add_flag("--schema", options->schema, "Print the JSON Schema of perch.toml, with every component");
  what->add_flag("--reference", options->reference, "Print the reference page: every key of every table");
  what->require_option(1);
  command->add_flag("--no-models", options->no_models,
                    "Do not look for models and other files: they are on another machine");
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->footer(
      "Each error is a line on standard output: FILE:LINE:COLUMN: KEY: REASON; REMEDY\n"
      "Exit status: 0 the configuration is right; 1 it has errors; 2 the file cannot be read.");
  command->callback([options, &chosen] { chosen = [options] { return run_check(*options); }; });
  return command;
}

}  // namespace perch::cli
