#include <cerrno>
#include <cstdio>
#include <cstring>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "cmd_model.hpp"
#include "learn/compare.hpp"
#include "learn/dataset.hpp"
#include "model/program_folder.hpp"
#include "progress.hpp"
#include "seam/registry.hpp"

namespace perch::cli {

namespace {

struct CompareOptions {
  std::string a, b;
  std::vector<std::string> folders;
  std::string pictures, data;
  bool json = false;
};

/// The pictures of the options, those among them too that cannot be decoded.
Result<learn::Exam> read_exam(const CompareOptions& options, const model::Card& card, const learn::LeftOut& left_out,
                              bool& problems) {
  if (options.data.empty()) return learn::exam_of_folder(options.pictures, left_out);
  PERCH_TRY(const learn::Dataset dataset, learn::Dataset::load(options.data));
  for (const Error& problem : dataset.problems()) fmt::print(stderr, "perch model: {}\n", problem.message());
  problems = !dataset.problems().empty();
  constexpr std::array kHeldOut{learn::Split::validation, learn::Split::test};
  return learn::exam_of_dataset(dataset, kHeldOut, card, left_out);
}

/// The pictures to compare with; of a data set those that no model may have learned from. What could not be used of
/// them is said.
Result<learn::Exam> load_exam(const CompareOptions& options, const model::Card& card, bool& problems) {
  bool some_left_out = false;
  const auto left_out = [&](const Error& error) {
    some_left_out = true;
    fmt::print(stderr, "perch model compare: left out: {}\n", error.message());
  };
  PERCH_TRY(learn::Exam exam, read_exam(options, card, left_out, problems));
  for (const Error& damaged : learn::leave_out_damaged(exam)) left_out(damaged);
  problems = problems || some_left_out;
  if (exam.pictures.empty())
    return fail(Errc::invalid, "none of the pictures can be read and decoded",
                options.data.empty() ? options.pictures : options.data, "replace them by sound JPEG or PNG files");
  return exam;
}

void write_one(json::Writer& out, std::string_view key, const learn::Compared& model) {
  constexpr int kDecimals = 4;
  out.key(key).begin_object().key("model").string(model.id).key("bytes").integer(
      static_cast<std::int64_t>(model.bytes));
  out.key("core_ms").number(model.core_ms, kDecimals);
  for (const learn::Measure& measure : model.measures) out.key(measure.name).number(measure.value, kDecimals);
  out.end_object();
}

std::string to_json(const learn::Comparison& result) {
  constexpr int kDecimals = 4;
  json::Writer out;
  out.begin_object();
  write_one(out, "a", result.a);
  write_one(out, "b", result.b);
  out.key("speed_ratio").number(result.speed_ratio, kDecimals);
  out.key("agreement");
  if (result.nothing_found)
    out.null();
  else
    out.number(result.agreement, kDecimals);
  out.key("pictures").integer(static_cast<std::int64_t>(result.pictures));
  return out.end_object().text();
}

void print(const learn::Comparison& result) {
  fmt::print("{:12} {:>28} {:>28}\n", "", result.a.id, result.b.id);
  fmt::print("{:12} {:>28} {:>28}\n", "size", format_size(result.a.bytes), format_size(result.b.bytes));
  fmt::print("{:12} {:>25.2f} ms {:>25.2f} ms\n", "core time", result.a.core_ms, result.b.core_ms);
  for (std::size_t i = 0; i < result.a.measures.size(); ++i)
    fmt::print("{:12} {:>28.4f} {:>28.4f}\n", result.a.measures[i].name, result.a.measures[i].value,
               result.b.measures[i].value);
  const std::string pictures = counted(result.pictures, "picture");
  const std::string alike =
      result.nothing_found ? fmt::format("neither finds anything in {}, so this does not tell them apart", pictures)
                           : fmt::format("their findings agree to {:.1f} % on {}", 100 * result.agreement, pictures);
  fmt::print("The second is {:.2f} times as fast; {}.\n", result.speed_ratio, alike);
}

int run_compare(const CompareOptions& options) {
  Registry registry;
  describe_all(registry);
  model::LoadOptions load;
  load.folders = {options.folders.begin(), options.folders.end()};
  const auto first = model::Model::load(options.a, registry, load);
  if (!first) return unusable("model", first.error());
  bool problems = false;
  const auto exam = load_exam(options, (*first)->card(), problems);
  if (!exam) return unusable("model", exam.error());
  const SystemClock clock;
  constexpr std::int64_t kSteps = 100;
  Progress progress("%", kSteps, clock);
  const auto result = learn::compare(options.a, options.b, *exam, registry, load,
                                     [&](double done) { progress.reach(static_cast<std::int64_t>(done * kSteps)); });
  progress.hide();
  if (!result) return unusable("model", result.error());
  if (options.json)
    fmt::print("{}\n", to_json(*result));
  else
    print(*result);
  return problems ? kPartly : kOk;
}

/// Becomes perch-quantise, which has what is needed to write ONNX files.
int run_quantise(std::vector<std::string> arguments) {
  const std::filesystem::path program = model::program_folder() / "perch-quantise";
  arguments.insert(arguments.begin(), program.string());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(program.c_str(), argv.data());
  return unusable("model", {Errc::not_found, fmt::format("cannot be started: {}", std::strerror(errno)),
                            program.string(), "install it beside perch, with which it is built"});
}

}  // namespace

void add_model_compare(CLI::App& model, Run& chosen) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* compare = model.add_subcommand("compare", "Compare two models on the same pictures: accuracy and speed");
  compare->add_option("a", options->a, "A model's name, or its ONNX file")->required();
  compare->add_option("b", options->b, "Another one for the same task")->required();
  CLI::Option* pictures =
      compare->add_option("--pictures", options->pictures, "Pictures without labels: do both find the same?")
          ->type_name("DIR");
  CLI::Option* data =
      compare
          ->add_option("--data", options->data, "A data set: which is right? Its validation and test pictures are used")
          ->type_name("DIR");
  pictures->excludes(data);
  compare->add_option("--models", options->folders, "Folders to look for models by name in")->type_name("DIR");
  compare->add_flag("--json", options->json, "One JSON object on standard output");
  compare->footer(
      "Speed is time on one core, both models in turns within this run: only their ratio means anything.\n"
      "Exit status: 0 compared; 1 so they are, but something of the data or pictures could not be used;\n"
      "2 not compared.");
  compare->callback([options, &chosen] {
    if (options->pictures.empty() && options->data.empty()) throw CLI::RequiredError("--pictures or --data");
    chosen = [options] { return run_compare(*options); };
  });
}

void add_model_quantise(CLI::App& model, Run& chosen) {
  CLI::App* quantise = model.add_subcommand("quantise", "Make an 8-bit model of a float one, and measure both");
  quantise->prefix_command();
  quantise->set_help_flag();
  quantise->callback(
      [quantise, &chosen] { chosen = [arguments = quantise->remaining()] { return run_quantise(arguments); }; });
}

}  // namespace perch::cli
