#include <atomic>
#include <cstdio>
#include <optional>
#include <set>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "command.hpp"
#include "model/regions.hpp"
#include "number_option.hpp"
#include "progress.hpp"
#include "run/inputs.hpp"
#include "run/job_source.hpp"
#include "run/looker.hpp"
#include "run/ordered.hpp"
#include "run/region_option.hpp"
#include "seam/registry.hpp"

namespace perch::cli {

namespace {

struct RunOptions {
  std::string model;
  std::vector<std::string> inputs;
  std::vector<std::string> model_folders;
  std::string regions;
  std::vector<std::string> labels;
  std::string annotate;
  std::string every;
  std::string grid = "32x24";
  net::TlsTrust tls;
  std::optional<float> min_score, nms;
  unsigned workers = 0;
  bool json = false;
};

/// The labels' places in the model's list. Errors: not_found, naming the nearest.
Result<std::vector<LabelId>> find_labels(const std::vector<std::string>& wanted, const model::Model& model) {
  std::vector<LabelId> ids;
  const std::vector<std::string>& labels = model.card().labels;
  for (const std::string& name : wanted) {
    const auto found = std::ranges::find(labels, name);
    if (found == labels.end())
      return fail(Errc::not_found, fmt::format("the model {} has no label '{}'", model.card().name, printable(name)),
                  {}, suggest(name, labels));
    ids.push_back({static_cast<int>(found - labels.begin())});
  }
  return ids;
}

void report_guesses(const model::Model& model) {
  for (const std::string& note : model.notes()) fmt::print(stderr, "perch run: {}: {}\n", model.card().name, note);
}

Result<LookPlan> make_plan(const RunOptions& options, const Registry& registry) {
  LookPlan plan;
  model::LoadOptions load;
  load.folders.assign(options.model_folders.begin(), options.model_folders.end());
  if (!options.regions.empty()) {
    PERCH_TRY(const RegionOption regions, parse_region_option(options.regions));
    if (regions.model.empty()) {
      PERCH_TRY(plan.fixed_regions, model::fixed_regions(regions.fixed));
    } else {
      PERCH_TRY(plan.finder, model::Model::load(regions.model, registry, load));
      if (plan.finder->card().task != model::Task::detect)
        return fail(Errc::mismatch,
                    fmt::format("the model {} is for '{}' and finds no boxes to look into", plan.finder->card().name,
                                config::enum_name(plan.finder->card().task)),
                    "--regions", "name a detector");
      PERCH_TRY(plan.finder_labels, find_labels(regions.labels, *plan.finder));
      report_guesses(*plan.finder);
    }
  }
  load.min_score = options.min_score;
  load.nms_iou = options.nms;
  PERCH_TRY(plan.model, model::Model::load(options.model, registry, load));
  PERCH_TRY(plan.labels, find_labels(options.labels, *plan.model));
  report_guesses(*plan.model);
  plan.tls = options.tls;
  if (!options.annotate.empty()) plan.annotate_dir = options.annotate;
  return plan;
}

/// `COLUMNSxROWS`. Errors: invalid.
Result<video::GridSize> grid_size(const std::string& text) {
  video::GridSize size;
  char rest = 0;
  constexpr int kMostSide = 1024;
  const int read = std::sscanf(text.c_str(), "%dx%d%c", &size.cols, &size.rows, &rest);  // NOLINT(cert-err34-c)
  if (read != 2 || size.cols < 1 || size.rows < 1 || size.cols > kMostSide || size.rows > kMostSide)
    return fail(Errc::invalid, fmt::format("'{}' is no size of a grid", printable(text, 40)), "--grid",
                "write COLUMNSxROWS, like 32x24");
  return size;
}

/// The analysis that counts what a detector finds; none for other models.
Result<std::unique_ptr<Analysis>> make_counting(const RunOptions& options, const LookPlan& plan,
                                                const Registry& registry) {
  if (plan.model->card().task != model::Task::detect) return std::unique_ptr<Analysis>();
  config::Component detect;
  detect.table.set("kind", config::Node{std::string("detect")});
  detect.table.set("min_score", config::Node{0.0});  // the decoder has kept what is wanted
  if (!options.labels.empty()) {
    config::Array labels;
    for (const std::string& label : options.labels) labels.emplace_back(label);
    detect.table.set("labels", config::Node{std::move(labels)});
  }
  return registry.make_analysis(detect, {plan.model->card().labels, plan.fixed_regions});
}

/// How many outcomes to expect, when no clip makes that unknown.
std::optional<std::int64_t> count_of(const std::vector<Input>& inputs) {
  for (const Input& input : inputs)
    if (input.kind == Input::Kind::clip || input.kind == Input::Kind::grids) return std::nullopt;
  return static_cast<std::int64_t>(inputs.size());
}

/// The files among the inputs, by paths that can be compared.
std::set<std::filesystem::path> originals_among(const std::vector<Input>& inputs) {
  std::set<std::filesystem::path> files;
  std::error_code ignored;
  for (const Input& input : inputs)
    if (input.kind != Input::Kind::url && input.kind != Input::Kind::broken)
      files.insert(std::filesystem::weakly_canonical(input.file, ignored));
  return files;
}

Result<void> count_values(Analysis* counting, std::uint64_t seq, const Clock& clock, Outcome& outcome) {
  if (!counting || outcome.error) return {};
  const Frame frame{{outcome.file}, seq, clock.stamp(), Jpeg{}};
  PERCH_TRY(Observation observation, counting->update(frame, outcome.findings));
  outcome.values = std::move(observation.values);
  return {};
}

int run_pictures(const RunOptions& options) {
  Registry registry;
  describe_all(registry);
  double every_s = 0;
  if (!options.every.empty()) {
    const Result<Nanoseconds> every = parse_duration(options.every);
    if (!every) return unusable("run", every.error().at("--every"));
    every_s = Seconds(*every).count();
  }
  const Result<video::GridSize> grid = grid_size(options.grid);
  if (!grid) return unusable("run", grid.error());
  Result<LookPlan> plan = make_plan(options, registry);
  if (!plan) return unusable("run", plan.error());
  const Result<std::unique_ptr<Analysis>> counting = make_counting(options, *plan, registry);
  if (!counting) return unusable("run", counting.error());

  // Then no new picture is begun, and those begun are finished and printed.
  const std::atomic<bool>& stopped = watch_ctrl_c();
  const SystemClock clock;
  std::vector<Input> inputs = resolve_inputs(options.inputs, plan->model->card().input.thermal());
  plan->stop = &stopped;
  if (plan->annotate_dir) plan->originals = originals_among(inputs);
  Progress progress("pictures", count_of(inputs), clock);
  JobSource jobs(std::move(inputs), every_s, *grid, stopped);

  const std::size_t workers = options.workers > 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<Looker>> lookers;
  for (std::size_t i = 0; i < workers; ++i) lookers.push_back(std::make_unique<Looker>(*plan));

  std::uint64_t seq = 0;
  bool failed = false;
  std::optional<Error> unprinted;
  const auto look = [&](std::size_t worker, Job job) { return lookers[worker]->look(std::move(job)); };
  const auto emit = [&](Outcome outcome) {
    if (const Result<void> counted = count_values(counting->get(), ++seq, clock, outcome); !counted)
      outcome.error = counted.error();
    failed = failed || outcome.error;
    const std::string line =
        options.json ? to_json(outcome, plan->model->card(), plan->regional()) : to_line(outcome, plan->model->card());
    progress.hide();
    if (outcome.error && !options.json)
      fmt::print(stderr, "{}\n", line);
    else if (const Result<void> printed = print_line(line); !printed)
      unprinted = printed.error();  // to look at more would be in vain
    progress.advance();
    return !unprinted;
  };
  constexpr std::size_t kAheadPerWorker = 3;
  run_ordered<Job>(workers, workers * kAheadPerWorker, [&] { return jobs.next(); }, look, emit);
  if (unprinted) return unusable("run", *unprinted);
  if (stopped) return kStopped;
  return failed ? kPartly : kOk;
}

}  // namespace

CLI::App* add_run_command(CLI::App& parent, Run& chosen) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* command = parent.add_subcommand("run", "Look at pictures and clips with a model and say what it sees");
  command->add_option("--model", options->model, "A model's name, or its ONNX file")->required();
  command->add_option("--models", options->model_folders, "Folders to look for models by name in")->type_name("DIR");
  command->add_option("--regions", options->regions,
                      "Parts of the picture to look at: [[x, y, width, height], …], or eight numbers each, the corners "
                      "of a quadrilateral from the top left clockwise; @FILE with the same; or MODEL:label,label for "
                      "what another model finds");
  command->add_option("--labels", options->labels, "Keep and count only these labels")->delimiter(',');
  command->add_option("--min-score", options->min_score, "Keep findings with at least this score")
      ->check(in_range(0.0, 1.0));
  command->add_option("--nms", options->nms, "Boxes of a label that overlap more than this are one")
      ->check(in_range(0.0, 1.0));
  command->add_option("--every", options->every, "Look at a clip's frames this far apart, like 1s or 200ms");
  command->add_option("--grid", options->grid, "Size of the grids in recordings of temperatures (default: 32x24)")
      ->type_name("COLSxROWS");
  command->add_option("--annotate", options->annotate, "Write pictures with what was found drawn on them here")
      ->type_name("DIR");
  command
      ->add_option("--ca-file", options->tls.ca_file,
                   "Of https cameras: the certificates to trust, PEM; also a camera's own, where it signs for itself")
      ->type_name("FILE");
  command
      ->add_option("--pinned-key", options->tls.pinned_key,
                   "Of https cameras: the public key to trust, and only it, as sha256//BASE64")
      ->type_name("KEY");
  command->add_option("--workers", options->workers, "Pictures looked at at once (default: one a core)")
      ->check(CLI::Range(1, 256));
  command->add_flag("--json", options->json, "One JSON object a picture on standard output");
  command
      ->add_option(
          "inputs", options->inputs,
          "Pictures, folders, clips, recordings of temperatures (.raw); http(s) and rtsp addresses, of which one "
          "picture is taken")
      ->required()
      ->type_name("FILE|DIR|CLIP|URL");
  command->footer(
      "Exit status: 0 all pictures were looked at; 1 some could not be, each has an error; 2 nothing was done (the\n"
      "command line or the model is unusable), or what was seen could not be printed; 130 stopped by Ctrl-C or "
      "SIGTERM.");
  command->callback([options, &chosen] { chosen = [options] { return run_pictures(*options); }; });
  return command;
}

}  // namespace perch::cli
