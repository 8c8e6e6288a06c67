#include <ctime>

#include <doctest/doctest.h>

#include "model/inspect.hpp"
#include "model/model.hpp"
#include "model/predictor.hpp"
#include "support/looks.hpp"
#include "support/program.hpp"
#include "support/real_data.hpp"

using namespace perch;
using namespace perch::model;

namespace {

Registry registry() {
  Registry registry;
  describe_all(registry);
  return registry;
}

std::filesystem::path model_file(const std::string& name) {
  return test::real_data() / "models" / (name + ".onnx");
}

/// A copy of a real model with a card beside it.
std::string error_with_card(const std::string& name, const Card& card) {
  const test::TempFolder folder;
  std::filesystem::copy_file(model_file(name), folder / (name + ".onnx"));
  test::write_test_file(folder / (name + ".toml"), to_toml(card));
  const auto model = Model::load((folder / (name + ".onnx")).string(), registry(), {});
  return model ? std::string() : model.error().message();
}

Card known(const std::string& name) {
  const auto card = std::ranges::find(known_cards(), name, &Card::name);
  REQUIRE(card != known_cards().end());
  return *card;
}

}  // namespace

TEST_CASE("each real model is known by its hash and fits its card and decoder") {
  PERCH_NEEDS_REAL_DATA("models");
  for (const Card& card : known_cards()) {
    CAPTURE(card.name);
    const auto model = Model::load(model_file(card.name).string(), registry(), {});
    REQUIRE_MESSAGE(model, (model ? "" : model.error().message()));
    CHECK((*model)->card_source() == CardSource::known);
    CHECK((*model)->id() == card.name + "@" + card.sha256.substr(0, 8));
    CHECK((*model)->notes().empty());
  }
}

TEST_CASE("what would be proposed for a real model is what its card says") {
  PERCH_NEEDS_REAL_DATA("models");
  for (const Card& card : known_cards()) {
    CAPTURE(card.name);
    const auto model = Model::load(model_file(card.name).string(), registry(), {});
    REQUIRE(model);
    const Proposal proposal = propose_card(card.name, (*model)->session()->inputs(), (*model)->session()->outputs());
    CHECK(proposal.complete);
    CHECK(proposal.card.task == card.task);
    CHECK(proposal.card.decoder.kind() == card.decoder.kind());
    CHECK(proposal.card.labels == card.labels);
    CHECK(config::to_toml(kInputCardFields.write(proposal.card.input)) ==
          config::to_toml(kInputCardFields.write(card.input)));
  }
}

TEST_CASE("a real model with another's card is an error that names both sides") {
  PERCH_NEEDS_REAL_DATA("models");
  Card card = known("nanodet-m-320");
  CHECK(test::says(error_with_card("yolox-nano", card), "the card is for another file"));
  card.sha256.clear();
  CHECK(test::says(error_with_card("yolox-nano", card), "the card's input is 'input.1', the model's is 'images'"));
  card.input.name = "images";
  CHECK(test::says(error_with_card("yolox-nano", card), "the card's input.width is 320, the model's is 416"));
  card.input.width = card.input.height = 416;
  const std::string outputs = error_with_card("yolox-nano", card);
  CAPTURE(outputs);
  CHECK(test::says(outputs, "yolox-nano.toml"));
  CHECK(test::says(outputs, "cls_pred_stride_8"));
}

TEST_CASE("a card with a label too few is an error with both numbers") {
  PERCH_NEEDS_REAL_DATA("models");
  for (const std::string name : {"yolox-nano", "nanodet-m-320", "fastestdet"}) {
    Card card = known(name);
    card.label_set.clear();
    card.labels.pop_back();
    const std::string error = error_with_card(name, card);
    CAPTURE(error);
    CHECK(test::says(error, "79"));
    CHECK(test::says(error, "80"));
  }
}

TEST_CASE("yolox-nano is loaded and has looked at its first picture within half a second of work") {
  PERCH_NEEDS_REAL_DATA("photos/coco33/000000397133.jpg");
  const Bytes jpeg = read_file(test::real_data() / "photos/coco33/000000397133.jpg").value();
  const std::clock_t start = std::clock();  // processor time: other work on the machine does not count
  Predictor predictor(Model::load(model_file("yolox-nano").string(), registry(), {}).value());
  Findings found;
  Timing timing;
  REQUIRE(predictor.predict(jpeg, {}, found, timing));
  CHECK(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 0.5);
  CHECK(found.detections.size() >= 3);
}
