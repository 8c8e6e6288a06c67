#include "model/card.hpp"

#include <doctest/doctest.h>

#include "support/looks.hpp"

using namespace perch;
using namespace perch::model;

namespace {

constexpr std::string_view kSmall = "name = \"a\"\ntask = \"classify\"\n[decoder]\nkind = \"classify\"\n";

std::string error_of(std::string_view toml) {
  const Result<Card> card = parse_card(toml, "a.toml");
  return card ? std::string() : card.error().message();
}

}  // namespace

TEST_CASE("every card that is built in names a model, its decoder and its hash") {
  CHECK(known_cards().size() >= 5);
  for (const Card& card : known_cards()) {
    CAPTURE(card.name);
    CHECK(card.sha256.size() == 64);
    CHECK(known_card(card.sha256) == &card);
    CHECK_FALSE(card.decoder.kind().empty());
    CHECK_FALSE(card.licence.empty());
    CHECK_FALSE(card.origin.empty());
    CHECK((card.input.width > 0 && card.input.height > 0));
  }
}

TEST_CASE("a hash that no card has finds none") {
  CHECK(known_card("") == nullptr);
  CHECK(known_card(std::string(64, '0')) == nullptr);
}

TEST_CASE("a written card reads back to the same card") {
  for (const Card& card : known_cards()) {
    const std::string written = to_toml(card);
    CAPTURE(written);
    const Result<Card> read = parse_card(written, "written.toml");
    REQUIRE(read);
    CHECK(to_toml(*read) == written);
    CHECK(read->labels == card.labels);
    CHECK(read->input.std == card.input.std);
    CHECK(read->input.fit == card.input.fit);
    CHECK(read->regions.margin == card.regions.margin);
  }
}

TEST_CASE("the labels of COCO are built in, in their order") {
  const std::vector<std::string>* coco = label_set("coco");
  REQUIRE(coco);
  CHECK(coco->size() == 80);
  CHECK(coco->front() == "person");
  CHECK((*coco)[2] == "car");
  CHECK(coco->back() == "toothbrush");
  REQUIRE(label_set("coco-keypoints"));
  CHECK(label_set("coco-keypoints")->size() == 17);
}

TEST_CASE("a card needs a name, a task and a decoder") {
  CHECK(parse_card(kSmall, "a.toml"));
  const std::string error = error_of("title = \"x\"");
  CHECK(test::says(error, "name: is missing"));
  CHECK(test::says(error, "task: is missing"));
  CHECK(test::says(error, "decoder: is missing"));
}

TEST_CASE("a mistyped key of a card is named with its place and the nearest one") {
  const std::string error = error_of(std::string(kSmall) + "[input]\nwidht = 20\n");
  CHECK(test::says(error, "a.toml:6:1"));
  CHECK(test::says(error, "'width'"));
}

TEST_CASE("an unknown set of labels is an error that names the nearest") {
  CHECK(test::says(error_of("label_set = \"cocoo\"\n" + std::string(kSmall)), "did you mean 'coco'?"));
}

TEST_CASE("labels and a set of labels exclude each other") {
  CHECK(test::says(error_of("label_set = \"coco\"\nlabels = [\"a\"]\n" + std::string(kSmall)),
                   "cannot stand beside labels"));
}

TEST_CASE("a label that stands twice is an error: results are told apart by labels") {
  CHECK(test::says(error_of("labels = [\"crane\", \"tree\", \"crane\"]\n" + std::string(kSmall)),
                   "'crane' stands twice"));
}

TEST_CASE("a name with a slash and a hash that is none are errors") {
  CHECK(test::says(error_of("name = \"../a\"\ntask = \"pose\"\ndecoder = { kind = \"pose\" }"), "'../a' is no name"));
  CHECK(test::says(error_of("sha256 = \"12\"\n" + std::string(kSmall)), "is no SHA-256"));
}

TEST_CASE("a hash in capitals is the same hash") {
  const Result<Card> card = parse_card("sha256 = \"" + std::string(64, 'A') + "\"\n" + std::string(kSmall), "a.toml");
  REQUIRE(card);
  CHECK(card->sha256 == std::string(64, 'a'));
}

TEST_CASE("a card that is no TOML is an error with its line") {
  CHECK(test::says(error_of("name = \"a\"\ntask = ="), "a.toml:2"));
}
