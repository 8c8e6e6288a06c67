#include "classify/classify.hpp"

#include <fmt/format.h>

#include "classify/classes.hpp"
#include "classify/features.hpp"
#include "core/publish.hpp"

namespace perch::trainer {

namespace {

constexpr float kMeanCelsius = 40, kStdCelsius = 25;

model::Card classify_card(const Job& job, std::vector<std::string> labels) {
  model::Card card = card_of(job.settings);
  card.task = model::Task::classify;
  card.title = fmt::format("Tells {} apart", fmt::join(labels, ", "));
  card.help = fmt::format("Made for places like those of the data set '{}'.", job.data.info().name);
  card.labels = std::move(labels);
  card.decoder.table = config::Node{config::Table{}};
  card.decoder.table.set("kind", config::Node{std::string("classify")});
  card.decoder.table.set("softmax", config::Node{std::string("on")});
  return card;
}

/// The input of a network of its own: temperatures where every picture has some, at their own size.
Result<model::InputCard> input_card(const Job& job) {
  model::InputCard input;
  input.name = "image";
  input.width = job.settings.classify.width;
  input.height = job.settings.classify.height;
  if (!is_thermal(job.data)) {
    input.scale = 1.0F / 255;
    input.mean = {0.5F};
    input.std = {0.25F};
    input.interpolation = image::Interpolation::area;
    return input;
  }
  PERCH_TRY(const RawSample first, read_sample(job.data.samples().front(), true));
  input.width = first.grid.cols;
  input.height = first.grid.rows;
  input.colour = image::ColourOrder::celsius;
  input.mean = {kMeanCelsius};
  input.std = {kStdCelsius};
  return input;
}

Result<Outcome> train_all(const Job& job, model::Card card) {
  PERCH_TRY(card.input, input_card(job));
  PERCH_TRY(const auto pictures, ClassPictures::create(job, card));
  const learn::ClassifySettings& settings = job.settings.classify;
  ClassifyNetConfig network;
  network.channels_in = card.input.thermal() ? 1 : 3;
  network.width = card.input.width;
  network.height = card.input.height;
  network.classes = static_cast<int>(card.labels.size());
  network.channels = settings.channels;
  network.halvings = settings.halvings;
  network.keep_place = settings.place;
  network.take_off_light = false;
  network.learning_rate = settings.learning_rate;
  network.seed = job.settings.seed;
  network.threads = job.settings.threads;
  const auto learner = make_classify_learner(network, *pictures);
  return train_classifier(job, *learner, *pictures, card, pictures->shape(), "accuracy");
}

Result<Outcome> train_head(const Job& job, model::Card card) {
  PERCH_TRY(Backbone backbone, Backbone::load(job.settings.classify));
  const model::Card& of_backbone = backbone.model().card();
  card.input = of_backbone.input;
  card.licence = of_backbone.licence;
  card.help += fmt::format(" A layer on features of {}.", backbone.model().id());
  if (card.input.thermal() && !is_thermal(job.data))
    return fail(Errc::mismatch, "the backbone looks at temperatures, and not every picture has some",
                job.data.folder().string(), "take a backbone that looks at pictures");
  PERCH_TRY(const auto pictures, FeaturePictures::create(job, card, std::move(backbone)));
  const auto learner =
      make_head_learner(pictures->head_config(job), *pictures,
                        [&](const auto& weights, const auto& bias) { return pictures->with_head(weights, bias); });
  return train_classifier(job, *learner, *pictures, card, pictures->shape(), "accuracy");
}

}  // namespace

Result<Outcome> train_classify(const Job& job) {
  PERCH_TRY(std::vector<std::string> labels, classes_of(job.data));
  model::Card card = classify_card(job, std::move(labels));
  return job.settings.classify.backbone.empty() ? train_all(job, std::move(card)) : train_head(job, std::move(card));
}

}  // namespace perch::trainer
