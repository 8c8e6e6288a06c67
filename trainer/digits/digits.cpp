#include "digits/digits.hpp"

#include "core/publish.hpp"
#include "digits/pictures.hpp"

namespace perch::trainer {

namespace {

constexpr int kWidth = 20, kHeight = 32;  // px

model::Card digits_card(const Job& job) {
  model::Card card = card_of(job.settings);
  card.task = model::Task::digits;
  card.title = "Position of a meter's roller, in tenths";
  card.help = "For one roller's window, cut close, upright. Learned from rendered rollers" +
              std::string(job.data.info().origin.starts_with("perch scene") ? "." : " and labelled pictures.");
  card.input.name = "image";
  card.input.width = kWidth;
  card.input.height = kHeight;
  card.input.colour = image::ColourOrder::grey;
  card.input.scale = 1.0F / 255;
  card.input.interpolation = image::Interpolation::area;
  card.decoder.table = config::Node{config::Table{}};
  card.decoder.table.set("kind", config::Node{std::string("digits")});
  card.decoder.table.set("softmax", config::Node{std::string("on")});
  return card;
}

}  // namespace

Result<Outcome> train_digits(const Job& job) {
  if (job.data.info().task != "digits")
    return fail(Errc::mismatch, "its labels are for '" + job.data.info().task + "', and not for digits",
                job.data.folder().string(),
                "perch scene meter --dataset makes labels of digits, perch dataset import digits reads some");
  const model::Card card = digits_card(job);
  PERCH_TRY(const auto pictures, DigitPictures::create(job, card));
  const learn::DigitsSettings& settings = job.settings.digits;
  const ClassifyNetConfig network{1, kWidth, kHeight, learn::kWheelPlaces,    settings.channels, settings.towers,
                                  2, true,   true,    settings.learning_rate, job.settings.seed, job.settings.threads};
  const auto learner = make_classify_learner(network, *pictures);
  return train_classifier(job, *learner, *pictures, card, {1, kHeight, kWidth}, "within a tenth");
}

}  // namespace perch::trainer
