#include <cstdio>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cmd_model.hpp"
#include "command.hpp"
#include "learn/dataset.hpp"
#include "learn/detection_meter.hpp"
#include "learn/report.hpp"
#include "learn/train_settings.hpp"
#include "learn/wheel_meter.hpp"
#include "model/predictor.hpp"
#include "number_option.hpp"
#include "progress.hpp"
#include "seam/registry.hpp"

namespace perch::cli {

namespace {

constexpr double kLowThreshold = 0.02;

struct MeasureOptions {
  std::string model, data;
  std::vector<std::string> folders;
  double least_visible = learn::DetectSettings{}.least_visible;
  double least_px = learn::DetectSettings{}.least_px;
  bool json = false;
};

/// The threshold that the model runs with, which is what it is measured at: the card's, or the decoder's own.
float threshold_of(const model::Card& card, const Registry& registry) {
  const auto number = [](const config::Node& node) -> std::optional<float> {
    if (const auto* value = std::get_if<double>(&node.value())) return static_cast<float>(*value);
    if (const auto* whole = std::get_if<std::int64_t>(&node.value())) return static_cast<float>(*whole);
    return std::nullopt;
  };
  if (const config::Node* stated = card.decoder.table.find("min_score")) return number(*stated).value_or(0);
  for (const ComponentSpec& spec : registry.list("decoder"))
    for (const config::FieldSpec& field : spec.fields)
      if (spec.kind == card.decoder.kind() && field.name == "min_score") return number(field.default_value).value_or(0);
  return 0;
}

learn::TrainReport report_of(const model::Model& model, const learn::Dataset& data, const std::string& kind) {
  learn::TrainReport report;
  report.model = model.card().name;
  report.kind = kind;
  report.version = model.card().version;
  report.sha256 = model.sha256();
  report.data = data.info().origin;
  report.pictures_test = static_cast<std::int64_t>(data.samples().size());
  report.measured_on = "all of it";
  return report;
}

Result<learn::TrainReport> measure_detector(const MeasureOptions& options, const model::Model& published,
                                            const std::shared_ptr<const model::Model>& model,
                                            const learn::Dataset& data, const Registry& registry) {
  const model::Card& card = model->card();
  for (const std::string& label : card.labels)
    if (data.label_index(label) < 0)
      return fail(Errc::mismatch, fmt::format("the model looks for '{}', which the data set does not have", label),
                  options.data);
  learn::DetectionMeter meter(card.labels);
  const learn::CountingRule rule{options.least_visible, options.least_px};
  model::Predictor predictor(model);
  const SystemClock clock;
  Progress progress("pictures", static_cast<std::int64_t>(data.samples().size()), clock);
  Findings findings;
  model::Timing timing;
  for (const learn::Sample& sample : data.samples()) {
    PERCH_TRY(const Bytes bytes, read_file(sample.path));
    findings.clear();
    PERCH_CHECK(predictor.predict(bytes, {}, findings, timing));
    const model::Fitting fitting =
        model::fit(card.input.fit, sample.size.width, sample.size.height, {card.input.width, card.input.height});
    const double scale = fitting.content.width / static_cast<double>(fitting.crop.width);
    meter.add(sample.name, findings.detections, learn::things_of(sample, card.labels, rule, scale),
              conditions_of(sample));
    progress.advance();
  }
  learn::TrainReport report = report_of(*model, data, "detect");
  report.measured_on += "; " + to_text(rule);
  meter.write(threshold_of(published.card(), registry), report);
  return report;
}

Result<learn::TrainReport> measure_digits(const std::shared_ptr<const model::Model>& model, const learn::Dataset& data,
                                          bool& problems) {
  const SystemClock clock;
  Progress progress("pictures", static_cast<std::int64_t>(data.samples().size()), clock);
  const auto left_out = [&](const Error& error) {
    problems = true;
    fmt::print(stderr, "perch model measure: left out: {}\n", error.message());
  };
  PERCH_TRY(const learn::WheelMeter meter,
            learn::measure_wheels(model, data, learn::kSplits, left_out, [&] { progress.advance(); }));
  learn::TrainReport report = report_of(*model, data, "digits");
  meter.write(report);
  return report;
}

/// `problems` becomes true when something of the data could not be used; it is said.
Result<learn::TrainReport> measure(const MeasureOptions& options, const learn::Dataset& data, bool& problems) {
  Registry registry;
  describe_all(registry);
  model::LoadOptions as_published, low;
  as_published.folders = {options.folders.begin(), options.folders.end()};
  PERCH_TRY(const auto published, model::Model::load(options.model, registry, as_published));
  if (published->card().task == model::Task::digits) return measure_digits(published, data, problems);
  if (published->card().task != model::Task::detect)
    return fail(Errc::unsupported, "only detectors and readers of digits are measured", published->card().name);
  low = as_published;
  low.min_score = kLowThreshold;
  PERCH_TRY(const auto model, model::Model::load(options.model, registry, low));
  return measure_detector(options, *published, model, data, registry);
}

int run_measure(const MeasureOptions& options) {
  const auto data = learn::Dataset::load(options.data);
  if (!data) return unusable("model measure", data.error());
  for (const Error& problem : data->problems()) fmt::print(stderr, "perch model measure: {}\n", problem.message());
  bool problems = !data->problems().empty();
  const auto report = measure(options, *data, problems);
  if (!report) return unusable("model measure", report.error());
  if (options.json) {
    fmt::print("{}", to_json(*report));
  } else {
    fmt::print("{} on {} ({}), threshold {:.2f}\n", report->model,
               counted(static_cast<std::size_t>(report->pictures_test), "picture"), report->measured_on,
               report->threshold);
    for (const learn::Metric& metric : report->metrics)
      fmt::print("  {:14} {:.3f}  {:44} {}\n", metric.name, metric.value, metric.of,
                 counted(static_cast<std::size_t>(metric.count), "thing"));
  }
  return problems ? kPartly : kOk;
}

}  // namespace

void add_model_measure(CLI::App& model, Run& chosen) {
  const auto options = std::make_shared<MeasureOptions>();
  CLI::App* command =
      model.add_subcommand("measure", "Measure a detector by label and condition, or a reader of digits by meter");
  command->add_option("model", options->model, "A model's name, or its ONNX file")->required();
  command->add_option("--data", options->data, "The data set; all of its pictures are looked at")
      ->required()
      ->type_name("DIR");
  command->add_option("--models", options->folders, "Folders to look for models by name in")->type_name("DIR");
  command->add_option("--least-visible", options->least_visible, "Things of which a smaller share shows do not count")
      ->check(in_range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--least-px", options->least_px, "Nor do things smaller than this in the model's input")
      ->check(in_range(0.0, 1000.0))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The whole report: curves, confusion, mistakes");
  command->footer("Exit status: 0 measured; 1 so it is, but something of the data could not be used; 2 not measured.");
  command->callback([options, &chosen] { chosen = [options] { return run_measure(*options); }; });
}

}  // namespace perch::cli
