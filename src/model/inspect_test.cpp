#include "model/inspect.hpp"

#include <doctest/doctest.h>

#include "support/looks.hpp"

using namespace perch;
using namespace perch::model;

namespace {

TensorInfo tensor(std::string name, std::vector<std::int64_t> shape, ElementType type = ElementType::f32) {
  return {std::move(name), type, std::move(shape)};
}

Proposal propose(const TensorInfo& input, const std::vector<TensorInfo>& outputs) {
  return propose_card("some model", std::vector{input}, outputs);
}

Card card_of(int width, int height) {
  Card card;
  card.name = "c";
  card.input.width = width;
  card.input.height = height;
  return card;
}

std::string misfit(Card card, const TensorInfo& input) {
  const Result<void> fits = fit_card(card, std::vector{input}, "c.toml");
  return fits ? std::string() : fits.error().message();
}

}  // namespace

TEST_CASE("a YOLOX of any input size and number of classes is recognised") {
  const Proposal p = propose(tensor("images", {1, 3, 320, 640}), {tensor("output", {1, 4200, 7})});
  CHECK(p.complete);
  CHECK(p.card.decoder.kind() == "yolox");
  CHECK(p.card.input.width == 640);
  CHECK(p.card.input.height == 320);
  CHECK(p.card.input.fit == Fit::letterbox_topleft);
  CHECK(p.card.labels.size() == 2);
  CHECK_FALSE(p.notes.empty());
  CHECK(p.card.name == "some-model");
}

TEST_CASE("eighty classes of a detector are taken to be those of COCO, and that is noted") {
  const Proposal p = propose(tensor("images", {1, 3, 416, 416}), {tensor("output", {1, 3549, 85})});
  CHECK(p.card.label_set == "coco");
  CHECK(std::ranges::any_of(p.notes, [](const std::string& note) { return test::says(note, "COCO"); }));
}

TEST_CASE("a number of cells that is not YOLOX's is not recognised as one") {
  const Proposal p = propose(tensor("images", {1, 3, 640, 640}), {tensor("output", {1, 25200, 85})});
  CHECK_FALSE(p.complete);
  CHECK(test::says(p.notes.back(), "[1, 25200, 85]"));
}

TEST_CASE("a NanoDet is recognised by the names of its outputs") {
  const Proposal p = propose(tensor("data", {1, 3, 416, 416}),
                             {tensor("cls_pred_stride_8", {1, 2704, 3}), tensor("cls_pred_stride_16", {1, 676, 3}),
                              tensor("dis_pred_stride_8", {1, 2704, 44}), tensor("dis_pred_stride_16", {1, 676, 44})});
  CHECK(p.complete);
  CHECK(p.card.decoder.kind() == "nanodet");
  CHECK(test::says(to_toml(p.card), "bins = 11"));
  CHECK(test::says(to_toml(p.card), "strides = [8, 16]"));
  CHECK(p.card.labels.size() == 3);
}

TEST_CASE("a FastestDet, a pose model, a digit reader and a classifier are recognised") {
  CHECK(propose(tensor("i", {1, 3, 256, 352}), {tensor("o", {1, 9, 16, 22})}).card.decoder.kind() == "fastestdet");
  const Proposal pose = propose(tensor("i", {1, 256, 256, 3}, ElementType::u8), {tensor("o", {1, 1, 17, 3})});
  CHECK(pose.card.decoder.kind() == "pose");
  CHECK(pose.card.input.layout == image::Layout::nhwc);
  CHECK(pose.card.labels.size() == 17);
  CHECK(propose(tensor("i", {-1, 32, 20, 3}), {tensor("o", {-1, 100})}).card.task == Task::digits);
  const Proposal classes = propose(tensor("i", {-1, 3, 224, 224}), {tensor("o", {-1, 10})});
  CHECK(classes.card.task == Task::classify);
  CHECK(classes.card.input.mean.size() == 3);
}

TEST_CASE("a score and a map are an anomaly model") {
  const Proposal p = propose(tensor("i", {-1, 1, 24, 32}), {tensor("score", {-1, 1}), tensor("map", {-1, 1, 12, 16})});
  CHECK(p.complete);
  CHECK(p.card.task == Task::anomaly);
  CHECK(p.card.decoder.kind() == "anomaly");
}

TEST_CASE("every proposal reads back as a card") {
  const Proposal p = propose(tensor("i", {-1, 1, 224, 224}), {tensor("o", {-1, 4, 1, 1})});
  REQUIRE(p.complete);
  CHECK(p.card.input.colour == image::ColourOrder::grey);
  const Result<Card> read = parse_card(to_toml(p.card), "p.toml");
  REQUIRE(read);
  CHECK(to_toml(*read) == to_toml(p.card));
}

TEST_CASE("bytes as input are never normalised") {
  const Proposal p = propose(tensor("i", {1, 3, 224, 224}, ElementType::u8), {tensor("o", {1, 5})});
  CHECK(p.card.input.mean.empty());
  CHECK(p.card.input.std.empty());
}

TEST_CASE("a proposal has a label for every class, however many, so that its card can be used") {
  CHECK(propose(tensor("i", {1, 224, 224, 3}), {tensor("o", {1, 1001})}).card.labels.size() == 1001);
  CHECK(propose(tensor("i", {1, 3, 224, 224}), {tensor("o", {1, 21841})}).card.labels.size() == 21841);
  const Proposal p = propose(tensor("i", {1, 3, 224, 224}), {tensor("o", {1, 1'000'000'000})});
  CHECK_FALSE(p.complete);
  CHECK(p.card.labels.empty());
}

TEST_CASE("notes on one channel do not contradict the card") {
  for (const ElementType type : {ElementType::f32, ElementType::u8}) {
    const Proposal p = propose(tensor("i", {1, 1, 28, 28}, type), {tensor("o", {1, 10})});
    const auto as_bytes = [](const std::string& note) { return test::says(note, "0..255"); };
    CHECK(std::ranges::any_of(p.notes, as_bytes) == p.card.input.std.empty());
    CHECK(p.card.input.std.empty() == (type == ElementType::u8));
  }
}

TEST_CASE("that no output holds numbers is said") {
  CHECK(test::says(propose(tensor("i", {1, 3, 8, 8}), {}).notes.back(), "none holds numbers"));
}

TEST_CASE("what is no picture model is not proposed for, with the reason") {
  CHECK_FALSE(propose(tensor("i", {1, 128}), {tensor("o", {1, 5})}).complete);
  const std::vector two{tensor("a", {1, 3, 8, 8}), tensor("b", {1})};
  CHECK(test::says(propose_card("m", two, {}).notes.front(), "2 inputs"));
  CHECK_FALSE(propose_card("", {}, {}).complete);
}

TEST_CASE("a model that takes whole numbers is given bytes as they are, one that takes floats of any width floats") {
  for (const ElementType type : {ElementType::u8, ElementType::i32, ElementType::i64}) {
    const Proposal p = propose(tensor("i", {1, 192, 192, 3}, type), {tensor("o", {1, 1, 17, 3})});
    CHECK(p.card.task == Task::pose);
    CHECK(p.card.input.std.empty());
  }
  for (const ElementType type : {ElementType::f16, ElementType::f64})
    CHECK_FALSE(propose(tensor("i", {1, 3, 224, 224}, type), {tensor("o", {1, 5})}).card.input.std.empty());
}

TEST_CASE("a card takes input name and size from the model where it does not state them") {
  Card card = card_of(0, 0);
  REQUIRE(fit_card(card, std::vector{tensor("x", {1, 3, 24, 48})}, "c.toml"));
  CHECK(card.input.name == "x");
  CHECK(card.input.width == 48);
  CHECK(card.input.height == 24);
}

TEST_CASE("a card and a model that do not fit are an error naming both sides") {
  Card named = card_of(8, 8);
  named.input.name = "image";
  CHECK(test::says(misfit(named, tensor("images", {1, 3, 8, 8})),
                   "the card's input is 'image', the model's is 'images'"));
  CHECK(
      test::says(misfit(card_of(8, 8), tensor("x", {1, 3, 8, 16})), "the card's input.width is 8, the model's is 16"));
  CHECK(test::says(misfit(card_of(8, 8), tensor("x", {1, 8, 8, 3})), "the model's input 'x' is [1, 8, 8, 3]"));
  CHECK(test::says(misfit(card_of(0, 0), tensor("x", {1, 3, -1, -1})), "set input.width"));
  CHECK(test::says(misfit(card_of(8, 8), tensor("x", {1, 3, 8, 8}, ElementType::i8)), "i8; pictures are given as"));
  CHECK(test::says(misfit(card_of(8, 8), tensor("x", {3, 8, 8})), "4 axes"));
  CHECK(test::says(misfit(card_of(8, 8), tensor("x", {1000, 3, 8, 8})), "batches of 1000"));
  CHECK(test::says(misfit(card_of(8, 8), tensor("x", {1, 3, 0, 8})),
                   "the model's input 'x' is [1, 3, 0, 8], which is empty"));
  CHECK(test::says(misfit(card_of(8, 8), tensor("x", {0, 3, 8, 8})), "which is empty"));
  CHECK(test::says(misfit(card_of(8, 8), tensor("x", {1, 4, 8, 8})), "[1, 4, 8, 8]; pictures have 1 or 3 channels"));
  CHECK(misfit(card_of(8, 8), tensor("x", {-1, 3, -1, -1})).empty());
}
