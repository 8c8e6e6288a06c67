#include "config/setting.hpp"

#include <doctest/doctest.h>

using namespace perch;
using namespace perch::config;

namespace {

std::string read(const std::vector<std::string>& texts) {
  const Result<Node> settings = parse_settings(texts, "--set");
  return settings ? to_toml(*settings) : settings.error().message();
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Whether everything in a value has this place, without line and column.
bool all_at(const Node& node, const std::string& place) {
  const auto here = [&](const Origin& origin) { return origin.file && *origin.file == place && origin.line == 0; };
  bool all = here(node.origin());
  if (node.array())
    for (const Node& element : *node.array()) all = all && all_at(element, place);
  if (node.table())
    for (const Entry& entry : *node.table()) all = all && here(entry.origin) && all_at(entry.value, place);
  return all;
}

}  // namespace

TEST_CASE("a value is TOML, or else text") {
  CHECK(read({}) == "{}");
  CHECK(read({"a=1", "b=2.5", "c=true", "d=[1, 'x']", "e='1'", "f={ g = 1 }"}) ==
        R"({ a = 1, b = 2.5, c = true, d = [1, "x"], e = "1", f = { g = 1 } })");
  CHECK(read({"weather=rain"}) == R"({ weather = "rain" })");
  CHECK(read({"a="}) == R"({ a = "" })");
  CHECK(read({"a=b=c"}) == R"({ a = "b=c" })");
  CHECK(read({"a=#1"}) == R"({ a = "#1" })");
  CHECK(read({"a=[1"}) == R"({ a = "[1" })");
  CHECK(read({" a = 1 "}) == "{ a = 1 }");
}

TEST_CASE("a dotted key is a table in a table, and settings of one table come together") {
  CHECK(read({"detect.width=416", "seed=1", "detect.height=320"}) ==
        "{ detect = { width = 416, height = 320 }, seed = 1 }");
  CHECK(read({"a.\"b.c\".d=1"}) == R"({ a = { "b.c" = { d = 1 } } })");
}

TEST_CASE("a later setting wins, and changes no other") {
  CHECK(read({"a=1", "b=2", "a=3"}) == "{ a = 3, b = 2 }");
  CHECK(read({"kind=gas", "b=2", "kind=water"}) == R"({ kind = "water", b = 2 })");
  CHECK(read({"a={ b = 1 }", "a.c=2"}) == "{ a = { b = 1, c = 2 } }");
  CHECK(read({"a.b=1", "a=2"}) == "{ a = 2 }");
  CHECK(read({"a=1", "a.b=2"}) == "{ a = { b = 2 } }");
}

TEST_CASE("one text sets one key, whatever TOML its key or value would be") {
  CHECK(read({"a=1\nb=2"}) == R"({ a = "1\nb=2" })");
  for (const std::string key : {"#a", "[t] #a", "[[t]] #a", "[t]", "[t]\n#a", "a b", "a.", "[a", "'a", "\xff"}) {
    CAPTURE(key);
    CHECK(says(read({key + "=1"}), "is no key; write KEY=VALUE; a key is letters, digits, '-' and '_'"));
  }
}

TEST_CASE("the place of everything is the option, without line and column") {
  const std::vector<std::string> texts{"a.b=[1, { c = 'x' }]", "d=rain", "a.e=1"};
  const Result<Node> settings = parse_settings(texts, "--set");
  REQUIRE(settings);
  for (const Entry& entry : *settings->table()) {
    CAPTURE(entry.key);
    CHECK(all_at(entry.value, "--set"));
  }
  CHECK(settings->table()->size() == 2);
}

TEST_CASE("what is no setting is said, each text that is none") {
  CHECK(read({"rain"}) == "--set: 'rain' is no setting; write KEY=VALUE");
  CHECK(read({"=rain"}) == "--set: '=rain' is no setting; write KEY=VALUE");
  CHECK(read({"a=\xff"}) == "--set: a: the value is not UTF-8 text");
  CHECK(read({"rain", "a=1", "b c=1"}) ==
        "--set: 2 errors\n  --set: 'rain' is no setting; write KEY=VALUE\n  --set: 'b c' is no key; write KEY=VALUE; a "
        "key is letters, digits, '-' and '_', with a dot between its parts");
  CHECK(parse_settings(std::vector<std::string>{"rain"}, "").error().message() ==
        "'rain' is no setting; write KEY=VALUE");
}
