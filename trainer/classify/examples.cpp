#include "classify/examples.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace perch::trainer {

namespace {

constexpr float kWhole = 0.9F;       ///< a label over so much of the picture is about all of it
constexpr float kLeastView = 0.85F;  ///< of a frame's sides, that is learned from
constexpr std::size_t kLeastExamples = 2;
constexpr float kDrift_celsius = 0.1F, kMostNoise_celsius = 0.15F;

/// How many pictures a class has: to learn from, and in all.
struct Count {
  std::size_t learned = 0, all = 0;
};

Result<void> check_enough(const Job& job, const std::vector<std::string>& labels, const std::vector<Count>& counts) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Count& count = counts[i];
    if (count.learned >= kLeastExamples) continue;
    std::string what =
        fmt::format("'{}' has {} to learn from", labels[i], count.learned == 0 ? "no picture" : "only one picture");
    if (count.all > count.learned)
      what += fmt::format(": {} of its {} fell to the splits that are kept to measure with", count.all - count.learned,
                          count.all);
    return fail(Errc::invalid, std::move(what), job.data.folder().string(),
                "add pictures of it that do not look alike, or leave it out of the data set");
  }
  return {};
}

}  // namespace

const learn::Label* class_label(const learn::Sample& sample) {
  const float all = static_cast<float>(sample.size.width) * static_cast<float>(sample.size.height);
  for (const learn::Label& label : sample.labels)
    if (label.box_px.area() >= kWhole * all) return &label;
  return nullptr;
}

Result<std::vector<std::string>> classes_of(const learn::Dataset& data) {
  std::vector<std::string> classes;
  for (const std::string& label : data.info().labels)
    if (std::ranges::any_of(data.samples(), [&](const learn::Sample& sample) {
          const learn::Label* found = class_label(sample);
          return found != nullptr && found->category == label;
        }))
      classes.push_back(label);
  if (classes.size() >= 2) return classes;
  return fail(Errc::invalid,
              classes.empty() ? std::string("no picture has a label about all of it")
                              : fmt::format("every labelled picture shows '{}'", classes.front()),
              data.folder().string(),
              "label pictures of at least two classes; perch dataset import folders takes a folder a class");
}

Result<Examples> read_examples(const Job& job, const std::vector<std::string>& labels, const model::InputCard& input,
                               std::span<const learn::Split> learned_from) {
  PERCH_TRY(ModelInput trial, ModelInput::create(input));
  std::vector<float> values(trial.values());
  std::vector<Count> counts(labels.size());
  Examples examples;
  for (const learn::Sample& sample : job.data.samples()) {
    const learn::Label* label = class_label(sample);
    if (label == nullptr) continue;
    if (job.stop) return fail(Errc::canceled, "stopped before there was a model");
    auto raw = read_sample(sample, input.thermal());
    const Result<void> filled = raw ? trial.fill(*raw, values) : fail(raw.error());
    if (!filled) {
      job.say(learn::TrainNote{"left out: " + filled.error().at(sample.path.string()).message(), true});
      continue;
    }
    const auto at = static_cast<std::size_t>(std::ranges::find(labels, label->category) - labels.begin());
    ++counts[at].all;
    if (std::ranges::find(learned_from, sample.split) != learned_from.end()) ++counts[at].learned;
    auto& into = sample.split == learn::Split::train        ? examples.train
                 : sample.split == learn::Split::validation ? examples.validation
                                                            : examples.test;
    into.push_back({std::move(*raw), at, &sample});
  }
  PERCH_CHECK(check_enough(job, labels, counts));
  return examples;
}

Box random_view(scenes::Random& random) {
  const float width = random.between(kLeastView, 1), height = random.between(kLeastView, 1);
  return {random.between(0, 1 - width), random.between(0, 1 - height), width, height};
}

void disturb(std::span<float> values, const model::InputCard& input, scenes::Random& random) {
  if (input.thermal()) {
    const float unit = input.std.empty() ? 1 : 1 / input.std.front();
    const float drift = kDrift_celsius * unit * random.normal(), noise = kMostNoise_celsius * unit * random.uniform();
    for (float& value : values) value += drift + noise * random.normal();
    return;
  }
  double sum = 0, squares = 0;
  for (const float value : values) {
    sum += double{value};
    squares += double{value} * double{value};
  }
  const auto count = static_cast<double>(values.size());
  const auto mean = static_cast<float>(sum / count);
  const auto deviation = static_cast<float>(std::sqrt(std::max(0.0, squares / count - sum / count * sum / count)));
  const float contrast = random.between(0.75F, 1.3F), light = 0.25F * deviation * random.normal();
  const float noise = 0.1F * deviation * random.uniform();
  for (float& value : values) value = mean + (value - mean) * contrast + light + noise * random.normal();
}

}  // namespace perch::trainer
