#include "cmd_model.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "command.hpp"
#include "model/inspect.hpp"
#include "model/runtime.hpp"
#include "model/search.hpp"
#include "number_option.hpp"
#include "run/inputs.hpp"
#include "seam/registry.hpp"

namespace perch::cli {

namespace {

constexpr std::size_t kMaxBenchBytes = std::size_t{1} << 30;

struct ModelOptions {
  std::string model;
  std::vector<std::string> folders;
  std::string pictures;
  std::vector<int> workers;
  double seconds = 2;
  bool json = false;

  std::vector<std::filesystem::path> paths() const { return {folders.begin(), folders.end()}; }
};

std::string_view source_text(model::CardSource source) {
  switch (source) {
    case model::CardSource::file:
      return "beside the file";
    case model::CardSource::known:
      return "known to the program by its sha256";
    case model::CardSource::proposal:
      break;
  }
  return "proposed from inputs and outputs";
}

/// What `perch model inspect` says of a file.
struct Inspection {
  std::filesystem::path path;
  std::size_t bytes = 0;
  std::string sha256;
  std::vector<TensorInfo> inputs, outputs;
  std::string card_source;         ///< where the card came from
  std::string card_toml;           ///< as it is used, or as proposed when the model has none that fits
  std::vector<std::string> notes;  ///< what to check
  std::optional<Error> error;      ///< why it cannot be used as it is
};

/// Errors: the file is not there or is no model. A card that does not fit is part of the result.
Result<Inspection> inspect(const ModelOptions& options) {
  Inspection seen;
  PERCH_TRY(seen.path, model::find_model(options.model, model::model_folders(options.paths())));
  PERCH_TRY(const Bytes bytes, read_file(seen.path, model::kMaxModelBytes));
  seen.bytes = bytes.size();
  seen.sha256 = sha256_hex(bytes);
  PERCH_TRY(const std::shared_ptr<const model::Session> session, model::Session::load(bytes, seen.path.string()));
  seen.inputs = session->inputs();
  seen.outputs = session->outputs();
  Registry registry;
  describe_all(registry);
  if (const auto model = model::Model::load(seen.path.string(), registry, {})) {
    seen.card_source = source_text((*model)->card_source());
    seen.card_toml = to_toml((*model)->card());
    seen.notes = (*model)->notes();
    return seen;
  } else {
    seen.error = model.error();
  }
  model::Proposal proposal = model::propose_card(seen.path.stem().string(), seen.inputs, seen.outputs);
  proposal.card.sha256 = seen.sha256;
  seen.card_source = source_text(model::CardSource::proposal);
  seen.card_toml = to_toml(proposal.card);
  seen.notes = std::move(proposal.notes);
  return seen;
}

void write_tensors(json::Writer& out, std::string_view key, const std::vector<TensorInfo>& tensors) {
  out.key(key).begin_array();
  for (const TensorInfo& tensor : tensors) {
    out.begin_object().key("name").string(tensor.name).key("type").string(model::name(tensor.type));
    out.key("shape").begin_array();
    for (const std::int64_t dim : tensor.shape) out.integer(dim);
    out.end_array().end_object();
  }
  out.end_array();
}

std::string to_json(const Inspection& seen) {
  json::Writer out;
  out.begin_object().key("file").string(seen.path.string());
  out.key("bytes").integer(static_cast<std::int64_t>(seen.bytes)).key("sha256").string(seen.sha256);
  write_tensors(out, "inputs", seen.inputs);
  write_tensors(out, "outputs", seen.outputs);
  out.key("card_source").string(seen.card_source).key("card").string(seen.card_toml).key("notes").begin_array();
  for (const std::string& note : seen.notes) out.string(note);
  out.end_array();
  if (seen.error) out.key("error").string(seen.error->message());
  return out.end_object().text();
}

void print_tensors(std::string_view what, const std::vector<TensorInfo>& tensors) {
  for (const TensorInfo& tensor : tensors)
    fmt::print("{:8} {} {} {}\n", what, printable(tensor.name), model::name(tensor.type),
               model::shape_text(tensor.shape));
}

int run_inspect(const ModelOptions& options) {
  const Result<Inspection> seen = inspect(options);
  if (!seen) return unusable("model", seen.error());
  const int status = seen->error ? kPartly : kOk;
  if (options.json) {
    fmt::print("{}\n", to_json(*seen));
    return status;
  }
  fmt::print("{:8} {}, {}\n{:8} {}\n", "file", printable(seen->path.string(), 1000), format_size(seen->bytes), "sha256",
             seen->sha256);
  print_tensors("input", seen->inputs);
  print_tensors("output", seen->outputs);
  fmt::print("{:8} {}\n\n{}", "card", seen->card_source, seen->card_toml);
  if (!seen->notes.empty())
    fmt::print("\nCheck before you save this as {}.toml:\n", printable(seen->path.stem().string()));
  for (const std::string& note : seen->notes) fmt::print("- {}\n", note);
  if (seen->error) fmt::print(stderr, "perch model: cannot be used as it is: {}\n", seen->error->message());
  return status;
}

/// The pictures of a folder, in memory. Errors: those of reading; too_large.
Result<std::vector<Bytes>> read_pictures(const std::string& folder) {
  std::vector<Bytes> pictures;
  std::size_t total = 0;
  for (const Input& input : resolve_inputs({folder})) {
    if (input.kind == Input::Kind::broken) return fail(input.error.at(input.file));
    if (input.kind != Input::Kind::picture) continue;
    PERCH_TRY(Bytes bytes, read_file(input.file));
    total += bytes.size();
    if (total > kMaxBenchBytes) return fail(Errc::too_large, "these are too many pictures to keep in memory", folder);
    pictures.push_back(std::move(bytes));
  }
  if (pictures.empty()) return fail(Errc::not_found, "there is no JPEG or PNG here", folder);
  return pictures;
}

/// The highest rate that any number of workers reached.
double best(const std::vector<BenchResult>& results, BenchStage stage) {
  double rate = 0;
  for (const BenchResult& result : results)
    if (result.stage == stage) rate = std::max(rate, result.per_second);
  return rate;
}

std::string to_json(const BenchPlan& plan, const std::vector<BenchResult>& results) {
  constexpr int kDecimals = 3;
  json::Writer out;
  out.begin_object().key("model").string(plan.model->id());
  out.key("pictures").integer(static_cast<std::int64_t>(plan.pictures.size())).key("results").begin_array();
  for (const BenchResult& result : results) {
    out.begin_object().key("stage").string(name(result.stage)).key("workers").integer(result.workers);
    out.key("per_second").number(result.per_second, kDecimals).key("p50_ms").number(result.p50_ms, kDecimals);
    out.key("p99_ms").number(result.p99_ms, kDecimals).end_object();
  }
  out.end_array().key("best_per_second").begin_object();
  for (const BenchStage stage : {BenchStage::infer, BenchStage::decode, BenchStage::all})
    if (const double rate = best(results, stage); rate > 0) out.key(name(stage)).number(rate, kDecimals);
  return out.end_object().end_object().text();
}

int run_bench(const ModelOptions& options) {
  Registry registry;
  describe_all(registry);
  BenchPlan plan;
  plan.each = Seconds(options.seconds);
  plan.workers = options.workers;
  if (plan.workers.empty()) {
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    for (int workers = 1; workers < cores; workers *= 2) plan.workers.push_back(workers);
    plan.workers.push_back(cores);
  }
  model::LoadOptions load;
  load.folders = options.paths();
  Result<std::shared_ptr<const model::Model>> model = model::Model::load(options.model, registry, load);
  if (!model) return unusable("model", model.error());
  plan.model = *model;
  if (!options.pictures.empty()) {
    Result<std::vector<Bytes>> pictures = read_pictures(options.pictures);
    if (!pictures) return unusable("model", pictures.error());
    plan.pictures = std::move(*pictures);
  }
  const Result<std::vector<BenchResult>> results = bench_model(plan);
  if (!results) return unusable("model", results.error());
  if (options.json) {
    fmt::print("{}\n", to_json(plan, *results));
    return kOk;
  }
  fmt::print("{}\n{:8} {:>7} {:>10} {:>9} {:>9}\n", plan.model->id(), "stage", "workers", "a second", "p50 ms",
             "p99 ms");
  for (const BenchResult& result : *results)
    fmt::print("{:8} {:>7} {:>10.2f} {:>9.2f} {:>9.2f}\n", name(result.stage), result.workers, result.per_second,
               result.p50_ms, result.p99_ms);
  return kOk;
}

void add_common(CLI::App* command, const std::shared_ptr<ModelOptions>& options) {
  command->add_option("--models", options->folders, "Folders to look for models by name in")->type_name("DIR");
  command->add_flag("--json", options->json, "One JSON object on standard output");
}

}  // namespace

CLI::App* add_model_command(CLI::App& parent, Run& chosen) {
  const auto options = std::make_shared<ModelOptions>();
  CLI::App* command =
      parent.add_subcommand("model", "What models are here, what is in them, how good and how fast they are");
  command->require_subcommand(1);

  CLI::App* inspect =
      command->add_subcommand("inspect", "Print a model's inputs and outputs and its card, or propose one");
  inspect->add_option("model", options->model, "A model's name, or its ONNX file")->required();
  inspect->footer("Exit status: 0 the model can be used; 1 it cannot as it is; 2 it is no model.");
  add_common(inspect, options);
  inspect->callback([options, &chosen] { chosen = [options] { return run_inspect(*options); }; });

  CLI::App* bench = command->add_subcommand("bench", "Measure latency and throughput by number of workers");
  bench->add_option("model", options->model, "A model's name, or its ONNX file")->required();
  bench->add_option("--workers", options->workers, "Numbers of workers (default: 1, 2, 4 … up to the cores)")
      ->delimiter(',')
      ->check(CLI::Range(1, 256));
  bench->add_option("--seconds", options->seconds, "For each stage and number of workers")
      ->check(in_range(0.01, 3600.0))
      ->capture_default_str();
  bench->add_option("--pictures", options->pictures, "Also decode these and take them all the way")->type_name("DIR");
  add_common(bench, options);
  bench->callback([options, &chosen] { chosen = [options] { return run_bench(*options); }; });

  add_model_ls(*command, chosen);
  add_model_pull(*command, chosen);
  add_model_compare(*command, chosen);
  add_model_measure(*command, chosen);
  add_model_quantise(*command, chosen);
  return command;
}

}  // namespace perch::cli
