#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "command.hpp"
#include "config/setting.hpp"
#include "learn/dataset_file.hpp"
#include "learn/train_kinds.hpp"
#include "learn/train_message.hpp"
#include "learn/train_settings.hpp"
#include "model/program_folder.hpp"
#include "train/child.hpp"
#include "train/view.hpp"

namespace perch::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTrainer = "perch-train";

struct TrainOptions {
  std::string kind, data, out, name, time, version, origin, backbone;
  std::int64_t seed = 1;
  int epochs = 0, patience = -1, threads = 0;
  std::vector<std::string> settings;
  bool resume = false, list = false;
};

/// The command that makes the model again, for its card.
std::string command_of(const TrainOptions& options) {
  std::string text = fmt::format("perch train {} --data {} --seed {}", options.kind, options.data, options.seed);
  if (options.epochs > 0) text += fmt::format(" --epochs {}", options.epochs);
  if (!options.time.empty()) text += " --time " + options.time;
  if (!options.backbone.empty()) text += " --backbone " + options.backbone;
  for (const std::string& setting : options.settings) text += " --set " + setting;
  return text;
}

Result<learn::TrainSettings> settings_of(const TrainOptions& options) {
  config::Node table{config::Table{}};
  const auto set = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) table.set(key, config::Node{value});
  };
  set("kind", options.kind);
  set("data", options.data);
  set("out", options.out);
  set("name", options.name);
  set("time", options.time);
  set("version", options.version);
  set("origin", options.origin.empty() ? command_of(options) : options.origin);
  table.set("seed", config::Node{options.seed});
  if (options.epochs > 0) table.set("epochs", config::Node{std::int64_t{options.epochs}});
  if (options.patience >= 0) table.set("patience", config::Node{std::int64_t{options.patience}});
  table.set("threads", config::Node{std::int64_t{options.threads}});
  if (!options.backbone.empty()) {
    config::Node classify{config::Table{}};
    classify.set("backbone", config::Node{options.backbone});
    table.set("classify", classify);
  }
  PERCH_TRY(const config::Node others, config::parse_settings(options.settings, "--set"));
  table = config::merge(table, others);
  PERCH_TRY(learn::TrainSettings settings, learn::parse_train_settings(table));
  for (const config::Entry& entry : *table.table())
    if (entry.value.table() && !entry.value.table()->empty() && entry.key != options.kind)
      return fail(Errc::invalid, fmt::format("is a setting of '{}', and '{}' is trained", entry.key, options.kind),
                  fmt::format("{}.{}", entry.key, entry.value.table()->begin()->key), "leave it out");
  return settings;
}

Result<fs::path> find_trainer() {
  fs::path path = model::program_folder() / kTrainer;
  std::error_code error;
  if (fs::exists(path, error)) return path;
  return fail(Errc::not_found, "the trainer is not there", path.string(),
              "install it beside perch; it is built with it where libtorch is installed");
}

int start(const fs::path& trainer, const std::vector<std::string>& arguments, const fs::path& checkpoint) {
  std::vector<std::string> command{trainer.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  let_openmp_sleep();
  TrainView view(::isatty(STDERR_FILENO) == 1);
  const auto status = run_child(command, [&](std::string_view line) {
    if (const auto message = learn::parse_train_message(line))
      view.show(*message);
    else
      fmt::print("{}\n", line);  // a library's own words
  });
  view.hide();
  if (!status) return unusable("train", status.error());
  if (*status > kUnusable && *status != kStopped) {
    std::error_code unseen;
    return unusable("train",
                    {Errc::internal, fmt::format("the trainer ended with status {}", *status), trainer.string(),
                     fs::exists(checkpoint, unseen) ? "run the same command with --resume: the last checkpoint is kept"
                                                    : "it had learned nothing yet; run the same command again"});
  }
  return *status;
}

int list() {
  for (const learn::TrainKind& kind : learn::kTrainKinds) fmt::print("{}: {}\n", kind.name, kind.help);
  return kOk;
}

int run_train(const TrainOptions& options) {
  if (options.list) return list();
  if (options.kind.empty()) return unusable("train", {Errc::invalid, "which kind?", {}, "see perch train --list"});
  const auto settings = settings_of(options);
  if (!settings) return unusable("train", settings.error());
  if (const auto set = learn::read_dataset_file(settings->data); !set) return unusable("train", set.error());
  const auto trainer = find_trainer();
  if (!trainer) return unusable("train", trainer.error());
  const fs::path folder = settings->work_folder(), job = folder / "job.toml";
  std::error_code error;
  const bool was_there = fs::exists(folder, error);
  fs::create_directories(folder, error);
  if (error) return unusable("train", {Errc::io, "cannot make the folder: " + error.message(), folder.string(), {}});
  if (const auto written = write_file(job, as_bytes(to_toml(*settings))); !written)
    return unusable("train", written.error());
  std::vector<std::string> arguments{job.string()};
  if (options.resume) arguments.emplace_back("--resume");
  const int status = start(*trainer, arguments, settings->checkpoint());
  const bool published = status == kOk || status == kPartly;
  if (!published && !was_there && !fs::exists(settings->checkpoint(), error))  // nothing was learned
    fs::remove_all(folder, error);
  return status;
}

}  // namespace

CLI::App* add_train_command(CLI::App& parent, Run& chosen) {
  const auto options = std::make_shared<TrainOptions>();
  CLI::App* command = parent.add_subcommand("train", "Train a model from pictures with labels");
  command->add_option("kind", options->kind, "What is learned")->type_name("KIND");
  command->add_flag("--list", options->list, "Print the kinds");
  command->add_option("--data", options->data, "The data set")->type_name("DIR");
  command->add_option("--out", options->out, "Where model, card and report go")->type_name("DIR");
  command->add_option("--name", options->name, "Of the model; default: its kind");
  command->add_option("--epochs", options->epochs, "Passes over the pictures, at most")->check(CLI::Range(1, 100000));
  command->add_option("--time", options->time, "Training ends after so long, like 5m");
  command->add_option("--patience", options->patience, "End after so many epochs without a better model; 0: never")
      ->check(CLI::Range(0, 100000));
  command->add_option("--seed", options->seed, "Another number draws other random numbers");
  command->add_option("--threads", options->threads, "Default: one a core")->check(CLI::Range(0, 256));
  command->add_option("--model-version", options->version, "Of the model, for its card");
  command->add_option("--origin", options->origin, "For its card; default: this command");
  command
      ->add_option("--backbone", options->backbone,
                   "For classify: use the features of this model as they are, and learn from a few pictures a class")
      ->type_name("NAME|FILE");
  command->add_option("--set", options->settings, "A setting of the kind, like detect.width=416")
      ->type_name("KEY=VALUE");
  command->add_flag("--resume", options->resume, "Go on after the last checkpoint");
  command->footer(
      "Writes NAME.onnx, NAME.toml and the report NAME.json; NAME.training/ has what --resume needs.\n"
      "Ctrl-C keeps and publishes the best model so far.\n"
      "Exit status: 0 the model is published; 1 so it is, but something of the data could not be used, each is named;\n"
      "2 nothing was published; 130 stopped, the best model so far is published.");
  command->callback([options, &chosen] { chosen = [options] { return run_train(*options); }; });
  return command;
}

}  // namespace perch::cli
