#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "command.hpp"
#include "learn/dataset_check.hpp"
#include "learn/dataset_export.hpp"
#include "learn/dataset_file.hpp"
#include "learn/dataset_import.hpp"
#include "progress.hpp"

namespace perch::cli {

namespace {

namespace fs = std::filesystem;

struct DatasetOptions {
  std::string form, folder, out, pictures, name;
  std::vector<std::string> folders{"."};
  std::vector<std::string> leave_out, test;
  bool json = false;
};

int ended(const Error& error) {
  const int status = unusable("dataset", error);
  return error.code == Errc::canceled ? kStopped : status;
}

/// Shows a progress bar for work that tells how far it is, and lets Ctrl-C stop it.
template <class F>
auto with_progress(F work) {
  const std::atomic<bool>& stopped = watch_ctrl_c();
  const SystemClock clock;
  std::optional<Progress> bar;
  return work([&](std::size_t, std::size_t all) {
    if (!bar) bar.emplace("pictures", static_cast<std::int64_t>(all), clock);
    bar->advance();
    return !stopped;
  });
}

Result<learn::Dataset> load(const std::string& folder) {
  return with_progress([&](const learn::LoadProgress& progress) { return learn::Dataset::load(folder, progress); });
}

void print_problems(const std::vector<Error>& problems) {
  for (const Error& problem : problems) fmt::print(stderr, "{}\n", printable(problem.message(), 1000));
}

/// The data sets in a folder: itself, or those directly in it. Errors: not_found when there is no such folder or no
/// set.
Result<std::vector<fs::path>> sets_in(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / learn::kDatasetFile, error)) return std::vector{folder};
  std::vector<fs::path> out;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (std::error_code unseen; fs::exists(it->path() / learn::kDatasetFile, unseen)) out.push_back(it->path());
  if (error) return fail(Errc::not_found, "cannot be read as a folder: " + error.message(), folder.string());
  if (out.empty())
    return fail(Errc::not_found, "no data set here, nor in a folder directly in it", folder.string(),
                "perch dataset import makes one");
  std::sort(out.begin(), out.end());
  return out;
}

int run_ls(const DatasetOptions& options) {
  int status = kOk;
  for (const std::string& folder : options.folders) {
    const auto sets = sets_in(folder);
    if (!sets) {
      status = unusable("dataset", sets.error());
      continue;
    }
    for (const fs::path& path : *sets) {
      const auto set = learn::read_dataset_file(path);
      if (!set) {
        fmt::print(stderr, "perch dataset: {}\n", set.error().message());
        status = std::max<int>(status, kPartly);
        continue;
      }
      const learn::DatasetInfo& info = set->info;
      fmt::print("{:24} {:9} {:20} {}\n", path.string(), info.task, printable(info.name, 40),
                 printable(join(info.labels, ", "), 100));
    }
  }
  return status;
}

void print_stats_json(const learn::Dataset& set, const learn::DatasetStats& stats) {
  json::Writer out;
  const auto number = [&](std::string_view key, std::size_t value) {
    out.key(key).integer(static_cast<std::int64_t>(value));
  };
  out.begin_object().key("name").string(set.info().name).key("task").string(set.info().task);
  number("pictures", stats.pictures);
  number("labels", stats.labels);
  number("empty_pictures", stats.empty_pictures);
  number("groups", stats.groups);
  number("problems", set.problems().size());
  out.key("splits").begin_object();
  for (const learn::Split split : learn::kSplits) number(name(split), stats.pictures_in[std::size_t(split)]);
  out.end_object().key("by_label").begin_object();
  for (std::size_t i = 0; i < stats.labels_in.size(); ++i) {
    out.key(set.info().labels[i]).begin_object();
    for (const learn::Split split : learn::kSplits) number(name(split), stats.labels_in[i][std::size_t(split)]);
    out.end_object();
  }
  fmt::print("{}\n", out.end_object().end_object().text());
}

int run_stats(const DatasetOptions& options) {
  const auto set = load(options.folder);
  if (!set) return ended(set.error());
  const learn::DatasetStats stats = stats_of(*set);
  if (options.json) {
    print_stats_json(*set, stats);
  } else {
    fmt::print("{} ({}): {} pictures, {} labels, {} pictures without, {} groups\n", printable(set->info().name),
               set->info().task, stats.pictures, stats.labels, stats.empty_pictures, stats.groups);
    fmt::print("{:24} {:>10} {:>10} {:>10}\n", "", "train", "validation", "test");
    fmt::print("{:24} {:>10} {:>10} {:>10}\n", "pictures", stats.pictures_in[0], stats.pictures_in[1],
               stats.pictures_in[2]);
    for (std::size_t i = 0; i < stats.labels_in.size(); ++i)
      fmt::print("{:24} {:>10} {:>10} {:>10}\n", printable(set->info().labels[i], 24), stats.labels_in[i][0],
                 stats.labels_in[i][1], stats.labels_in[i][2]);
    for (const auto& [attribute, counts] : stats.attributes) {
      fmt::print("{}:", printable(attribute, 40));
      for (const auto& [value, count] : counts) fmt::print(" {} {}", printable(value, 40), count);
      fmt::print("\n");
    }
  }
  print_problems(set->problems());
  return set->problems().empty() ? kOk : kPartly;
}

int run_check(const DatasetOptions& options) {
  const auto set = load(options.folder);
  if (!set) return ended(set.error());
  const std::vector<learn::Finding> findings = check(*set);
  std::size_t serious = 0;
  for (const learn::Finding& finding : findings) {
    serious += finding.serious ? 1 : 0;
    fmt::print("{}: {}\n", finding.serious ? "error" : "note", printable(finding.error.message(), 1000));
  }
  fmt::print("{}: {} pictures, {} errors, {} notes\n", options.folder, set->samples().size(), serious,
             findings.size() - serious);
  return serious > 0 ? kPartly : kOk;
}

int run_import(const DatasetOptions& options) {
  if (!options.pictures.empty() && options.form != "coco")
    return unusable("dataset", {Errc::invalid, fmt::format("is for coco, and {} is imported", options.form),
                                "--pictures", "leave it out"});
  const std::string origin = fmt::format("perch dataset import {} {}", options.form, options.folder);
  const learn::ImportJob job{options.folder, options.pictures,  options.out, options.name,
                             origin,         options.leave_out, options.test};
  const auto done = with_progress([&](const learn::LoadProgress& progress) {
    if (options.form == "coco") return import_coco(job, progress);
    if (options.form == "yolo") return import_yolo(job, progress);
    if (options.form == "digits") return import_digits(job, progress);
    return import_classes(job, progress);
  });
  if (!done) return ended(done.error());
  print_problems(done->problems);
  fmt::print("{}: {} pictures, {} labels, {} problems\n", options.out, done->pictures, done->labels,
             done->problems.size());
  return done->problems.empty() ? kOk : kPartly;
}

int run_export(const DatasetOptions& options) {
  const auto set = load(options.folder);
  if (!set) return ended(set.error());
  const auto done = with_progress([&](const learn::LoadProgress& progress) {
    if (options.form == "coco") return export_coco(*set, options.out, progress);
    if (options.form == "yolo") return export_yolo(*set, options.out, progress);
    return export_classes(*set, options.out, progress);
  });
  if (!done) return ended(done.error());
  print_problems(set->problems());
  if (!done->lost.empty()) fmt::print(stderr, "{}\n", printable(done->lost, 1000));
  fmt::print("{}: {} pictures\n", options.out, done->pictures);
  return set->problems().empty() ? kOk : kPartly;
}

}  // namespace

CLI::App* add_dataset_command(CLI::App& parent, Run& chosen) {
  const auto options = std::make_shared<DatasetOptions>();
  CLI::App* command = parent.add_subcommand("dataset", "Look at, check, import and export pictures with labels");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*run)(const DatasetOptions&)) {
    CLI::App* sub = command->add_subcommand(name, help);
    sub->callback([options, &chosen, run] { chosen = [options, run] { return run(*options); }; });
    return sub;
  };
  add("ls", "List the data sets in folders", &run_ls)->add_option("folders", options->folders)->type_name("DIR");
  CLI::App* stats = add("stats", "Count pictures and labels by split", &run_stats);
  stats->add_option("folder", options->folder, "The data set")->required()->type_name("DIR");
  stats->add_flag("--json", options->json, "For programs");
  add("check", "Find what spoils a training: duplicates, leakage, empty and one-sided labels", &run_check)
      ->add_option("folder", options->folder, "The data set")
      ->required()
      ->type_name("DIR");
  CLI::App* import = add("import", "Make a data set of pictures with labels", &run_import);
  import->add_option("form", options->form, "coco, yolo, folders (one a class) or digits (crops like 3.7_1.jpg)")
      ->required()
      ->check(CLI::IsMember({"coco", "yolo", "folders", "digits"}));
  import->add_option("from", options->folder, "File of labels, data.yaml, or folder")->required();
  import->add_option("--out", options->out, "The new data set")->required()->type_name("DIR");
  import->add_option("--pictures", options->pictures, "coco: where the pictures are")->type_name("DIR");
  import->add_option("--name", options->name, "Of the new data set; default: of its folder");
  import->add_option("--leave-out", options->leave_out, "Pictures to leave out, like '*lcd*'")->type_name("PATTERN");
  import->add_option("--test", options->test, "Pictures to measure with, like 'meter-7/*'; all others are learned from")
      ->type_name("PATTERN");
  CLI::App* exporting = add("export", "Write a data set in a form that other tools read", &run_export);
  exporting->add_option("form", options->form, "coco, yolo or folders")
      ->required()
      ->check(CLI::IsMember({"coco", "yolo", "folders"}));
  exporting->add_option("folder", options->folder, "The data set")->required()->type_name("DIR");
  exporting->add_option("--out", options->out, "An empty folder, or none yet")->required()->type_name("DIR");
  command->footer(
      "Exit status: 0 all is well; 1 something was left out or an error found, each is named; 2 nothing could be done; "
      "130 stopped by Ctrl-C or SIGTERM.");
  return command;
}

}  // namespace perch::cli
