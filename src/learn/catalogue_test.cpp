#include "learn/catalogue.hpp"

#include <doctest/doctest.h>

#include "model/card.hpp"

using namespace perch;

namespace {

const std::string kHash(64, 'a');

std::string entry_with(const std::string& more) {
  return "[[model]]\nname = \"m\"\nsha256 = \"" + kHash + "\"\n" + more;
}

}  // namespace

TEST_CASE("every model of the built-in catalogue has a card for that very file, a licence and a project") {
  const auto& catalogue = learn::built_in_catalogue();
  CHECK(catalogue.size() >= 3);
  for (const learn::CatalogueEntry& entry : catalogue) {
    CAPTURE(entry.name);
    const auto text = learn::card_text(entry);
    REQUIRE(text);
    const auto card = model::parse_card(*text, entry.name);
    REQUIRE_MESSAGE(card, (card ? "" : card.error().message()));
    CHECK(card->sha256 == entry.sha256);
    CHECK(card->name == entry.name);
    CHECK(card->licence == entry.licence);
    CHECK(entry.page.starts_with("https://"));
    CHECK((entry.url.empty() || entry.url.starts_with("https://")));
    CHECK(entry.bytes.bytes > 0);
  }
  for (const char* name : {"yolox-nano", "nanodet-m-320", "movenet-lightning-int8"})
    CHECK(learn::find_entry(catalogue, name));
}

TEST_CASE("a mistyped name is answered with the nearest") {
  const auto found = learn::find_entry(learn::built_in_catalogue(), "yolox-nanu");
  REQUIRE_FALSE(found);
  CHECK(found.error().message().find("did you mean 'yolox-nano'?") != std::string::npos);
}

TEST_CASE("a catalogue that cannot be right is refused with its place") {
  for (const std::string& bad :
       {std::string("x = 1\n"), std::string("[[model]]\nname = \"m\"\n"), entry_with("colour = 1\n"),
        std::string("[[model]]\nname = \"../m\"\nsha256 = \"") + kHash + "\"\n",
        std::string("[[model]]\nname = \"m\"\nsha256 = \"ABC\"\n"), entry_with("card = \"name = 1\"\n"),
        entry_with("") + entry_with(""),
        entry_with("card = '''\nname = \"m\"\ntask = \"detect\"\nsha256 = \"" + std::string(64, 'b') +
                   "\"\ndecoder = { kind = \"yolox\" }\n'''\n")}) {
    CAPTURE(bad);
    const auto parsed = learn::parse_catalogue(bad, "c.toml");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message().find("c.toml") != std::string::npos);
  }
  CHECK(learn::parse_catalogue(entry_with("url = \"http://x/m\"\nbytes = \"10MB\"\n"), "c.toml"));
}
