#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "learn/compare.hpp"
#include "learn/dataset.hpp"
#include "onnx/publish_quantised.hpp"

namespace perch::trainer {

namespace {

// As every command of perch ends.
constexpr int kOk = 0;
constexpr int kPartly = 1;
constexpr int kUnusable = 2;

constexpr std::size_t kMostCalibration = 100;  // pictures: more hardly change what was seen
constexpr std::size_t kLeastPictures = 4;

struct Options {
  std::string model;
  std::vector<std::string> folders;
  std::string pictures, data, out, activations = "u8";
  double max_loss = 0.01;
};

int unusable(const Error& error) {
  fmt::print(stderr, "perch model: {}\n", error.message());
  return kUnusable;
}

/// Pictures to choose ranges with, and others to judge the result by.
struct Exams {
  learn::Exam calibration, judging;
};

/// At most so many pictures, evenly taken.
void thin(learn::Exam& exam, std::size_t most) {
  if (exam.pictures.size() <= most) return;
  std::vector<learn::ExamPicture> kept;
  for (std::size_t i = 0; i < most; ++i) kept.push_back(std::move(exam.pictures[i * exam.pictures.size() / most]));
  exam.pictures = std::move(kept);
}

/// A folder's pictures in two halves that do not depend on their names.
Result<Exams> halves_of(const std::string& folder) {
  PERCH_TRY(learn::Exam all, learn::exam_of_folder(folder));
  if (all.pictures.size() < kLeastPictures)
    return fail(Errc::invalid,
                fmt::format("has {} pictures, {} are needed at least", all.pictures.size(), kLeastPictures), folder,
                "a few dozen that show what the model will see are best");
  std::vector<std::pair<std::string, std::size_t>> order;
  for (std::size_t i = 0; i < all.pictures.size(); ++i) order.emplace_back(sha256_hex(all.pictures[i].bytes), i);
  std::ranges::sort(order);
  Exams exams;
  for (std::size_t i = 0; i < order.size(); ++i)
    (i % 2 == 0 ? exams.calibration : exams.judging).pictures.push_back(std::move(all.pictures[order[i].second]));
  return exams;
}

Result<Exams> load_exams(const Options& options, const model::Card& card) {
  if (options.data.empty()) return halves_of(options.pictures);
  PERCH_TRY(const learn::Dataset dataset, learn::Dataset::load(options.data));
  for (const Error& problem : dataset.problems()) fmt::print(stderr, "perch model: {}\n", problem.message());
  constexpr std::array kLearned{learn::Split::train};
  constexpr std::array kHeldOut{learn::Split::validation, learn::Split::test};
  Exams exams;
  if (options.pictures.empty()) {
    PERCH_TRY(exams.calibration, learn::exam_of_dataset(dataset, kLearned, card));
    PERCH_TRY(exams.judging, learn::exam_of_dataset(dataset, kHeldOut, card));
  } else {
    PERCH_TRY(exams.calibration, learn::exam_of_folder(options.pictures));
    PERCH_TRY(exams.judging, learn::exam_of_dataset(dataset, learn::kSplits, card));
  }
  return exams;
}

void print(const learn::Comparison& result) {
  fmt::print("{:10} {:>10} {:>10}\n", "", "float", "8 bits");
  fmt::print("{:10} {:>10} {:>10}\n", "size", format_size(result.a.bytes), format_size(result.b.bytes));
  fmt::print("{:10} {:>7.2f} ms {:>7.2f} ms, {:.2f} times as fast (one core, in turns)\n", "core time",
             result.a.core_ms, result.b.core_ms, result.speed_ratio);
  for (std::size_t i = 0; i < result.a.measures.size(); ++i)
    fmt::print("{:10} {:>10.4f} {:>10.4f}\n", result.a.measures[i].name, result.a.measures[i].value,
               result.b.measures[i].value);
  fmt::print("{:10} {:>10} {:>10.4f} on {} pictures that were not used to quantise\n", "agreement", "",
             result.agreement, result.pictures);
}

int run(const Options& options) {
  Registry registry;
  describe_all(registry);
  model::LoadOptions load;
  load.folders = {options.folders.begin(), options.folders.end()};
  const auto model = model::Model::load(options.model, registry, load);
  if (!model) return unusable(model.error());
  std::filesystem::path out = options.out;
  if (out.empty()) out = (*model)->path().parent_path() / ((*model)->card().name + "-int8.onnx");
  if (const auto target = check_target((*model)->path(), out); !target) return unusable(target.error());
  auto exams = load_exams(options, (*model)->card());
  if (!exams) return unusable(exams.error());
  if (const auto judged = learn::expect_truth(exams->judging, (*model)->card().task); !judged)
    return unusable(judged.error().at(options.data));
  thin(exams->calibration, kMostCalibration);
  QuantiseSettings settings;
  settings.max_loss = options.max_loss;
  settings.activations = options.activations == "s8" ? ActivationType::s8 : ActivationType::u8;
  fmt::print("{}: calibrated on {} pictures\n", (*model)->id(), exams->calibration.pictures.size());
  const SayLine say = [](const std::string& line) {
    fmt::print("  {}\n", line);
    std::fflush(stdout);
  };
  const auto quantised = quantise_model(*model, exams->calibration, settings, registry, say);
  if (!quantised) return unusable(quantised.error());
  const auto published = publish_if_good(**model, *quantised, exams->judging, options.max_loss, out, registry);
  if (!published) return unusable(published.error());
  print(published->comparison);
  if (!published->good) {
    fmt::print(stderr, "perch model: nothing is published: it loses {:.4f}, more than the {:.4f} that are allowed\n",
               published->comparison.loss(), options.max_loss);
    return kPartly;
  }
  fmt::print("{}: {}\n", out.string(), quantised->how());
  return kOk;
}

int run_command_line(int argc, char** argv) {
  CLI::App app{"Make an 8-bit model of a float one: static, per channel, calibrated on pictures"};
  app.name("perch model quantise");
  Options options;
  app.add_option("model", options.model, "A model's name, or its ONNX file")->required();
  app.add_option("--pictures", options.pictures, "Pictures that show what it will see; one half judges the result")
      ->type_name("DIR");
  app.add_option("--data", options.data,
                 "A data set: its train pictures calibrate, the others judge by their truth. With --pictures those "
                 "calibrate and all of the data set judges")
      ->type_name("DIR");
  app.add_option("--max-loss", options.max_loss, "What may be lost of AP, accuracy or, without truth, agreement; 0..1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--out", options.out, "Default: NAME-int8.onnx beside the model")->type_name("FILE");
  app.add_option("--models", options.folders, "Folders to look for models by name in")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--activations", options.activations, "Their type; which is faster depends on the processor")
      ->check(CLI::IsMember({"u8", "s8"}))
      ->capture_default_str();
  app.footer(
      "Exit status: 0 the 8-bit model and its card are written; 1 nothing is, because too much was lost; 2 it cannot "
      "be\n"
      "done.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == kOk ? kOk : kUnusable;
  }
  if (options.pictures.empty() && options.data.empty())
    return unusable(
        {Errc::invalid, "no pictures to calibrate with were named", {}, "name some with --pictures or --data"});
  return run(options);
}

}  // namespace

}  // namespace perch::trainer

int main(int argc, char** argv) {
  try {
    return perch::trainer::run_command_line(argc, argv);
  } catch (const std::exception& error) {  // out of memory, or a library that broke its own promise
    return perch::trainer::unusable({perch::Errc::internal, error.what(), {}, {}});
  }
}
