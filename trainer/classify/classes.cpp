#include "classify/classes.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/publish.hpp"
#include "model/predictor.hpp"
#include "seam/registry.hpp"

namespace perch::trainer {

namespace {

constexpr std::size_t kLeastTest = 20;  ///< pictures; with fewer the held-out ones say more
constexpr int kLeastBatches = 8;        ///< of an epoch: few pictures are looked at several times

}  // namespace

Result<bool> measure_classifier(const Job& job, const std::vector<Example>& test, learn::TrainReport& report) {
  if (test.size() < kLeastTest) return false;
  Registry registry;
  describe_all(registry);
  PERCH_TRY(const auto model, model::Model::load(model_path(job.settings), registry));
  model::Predictor predictor(model);
  learn::ClassMeter meter(model->card().labels);
  Findings findings;
  model::Timing timing;
  for (const Example& example : test) {
    findings.clear();
    const Result<void> looked =
        example.shown.thermal() ? predictor.predict(example.shown.grid, {}, findings, timing)
                                : predictor.predict(example.shown.bytes, {}, findings, timing).transform([](auto&&) {});
    if (!looked) return fail(looked.error().at(example.shown.name));
    if (findings.scores.empty()) return fail(Errc::internal, "the model said nothing", example.shown.name);
    meter.add(example.shown.name, example.label, findings.scores.front().p);
  }
  report.measured_on = "test, by the published model";
  meter.write(report);
  return true;
}

ClassPictures::ClassPictures(const Job& job, const model::Card& card, Examples examples, ModelInput input)
    : settings_(job.settings.classify),
      seed_(job.settings.seed),
      card_(card),
      examples_(std::move(examples)),
      input_(std::move(input)) {}

Result<std::unique_ptr<ClassPictures>> ClassPictures::create(const Job& job, const model::Card& card) {
  constexpr std::array kLearned{learn::Split::train};
  PERCH_TRY(ModelInput input, ModelInput::create(card.input));
  PERCH_TRY(Examples examples, read_examples(job, card.labels, card.input, kLearned));
  if (examples.validation.empty())
    return fail(Errc::invalid, "no labelled picture is left to measure with", job.data.folder().string(),
                "add pictures: of each hundred, fifteen are kept to measure with while learning; or learn from these "
                "few with --backbone");
  std::unique_ptr<ClassPictures> pictures(new ClassPictures(job, card, std::move(examples), std::move(input)));
  for (const Example& example : pictures->examples_.validation) {
    PERCH_CHECK(pictures->input_.fill(example.shown, pictures->inputs_.emplace_back(pictures->input_.values())));
    pictures->classes_.push_back(example.label);
  }
  return pictures;
}

int ClassPictures::batches() const {
  return std::max(kLeastBatches, static_cast<int>(examples_.train.size()) / settings_.batch);
}

ClassifyBatch ClassPictures::batch(int epoch, int index) {
  ClassifyBatch batch{settings_.batch, {}, {}, {}};
  const auto size = static_cast<std::size_t>(batch.size);
  const std::size_t each = input_.values(), labels = card_.labels.size();
  batch.pictures.resize(each * size);
  batch.targets.assign(labels * size, 0.0F);
  for (std::size_t i = 0; i < size; ++i) {
    scenes::Random random = scenes::Random(static_cast<std::uint64_t>(seed_)).of(epoch, index, i);
    const auto last = static_cast<int>(examples_.train.size()) - 1;
    const Example& from = examples_.train[static_cast<std::size_t>(random.integer(0, last))];
    const std::span<float> out = std::span(batch.pictures).subspan(i * each, each);
    // The cells of a grid are few: seen through a part of it, the peaks would be smoother than those that the edge
    // sees.
    const Box view = from.shown.thermal() ? kWholeFrame : random_view(random);
    if (const auto filled = input_.fill(from.shown, out, view); !filled)
      throw std::runtime_error(filled.error().at(from.shown.name).message());
    disturb(out, card_.input, random);
    batch.targets[i * labels + from.label] = 1;
  }
  return batch;
}

learn::ClassMeter ClassPictures::meter() const {
  learn::ClassMeter meter(card_.labels);
  for (std::size_t i = 0; i < answers().size(); ++i)
    meter.add(examples_.validation[i].shown.name, classes_[i], answers()[i]);
  return meter;
}

void ClassPictures::write(learn::TrainReport& report) const {
  meter().write(report);
}

}  // namespace perch::trainer
