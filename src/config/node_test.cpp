#include "config/node.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace perch::config;

namespace {

Node parse(std::string_view text, std::string_view file = "a.toml") {
  Diagnostics diagnostics;
  Node node = parse_toml(text, file, diagnostics);
  for (const Diagnostic& d : diagnostics.list()) FAIL_CHECK(d.message());
  return node;
}

std::string merged(std::string_view lower, std::string_view upper) {
  return to_toml(merge(parse(lower), parse(upper)));
}

}  // namespace

TEST_CASE("a literal is read back to the same value") {
  for (const std::string text :
       {"v = true", "v = -9223372036854775808", "v = 9223372036854775807", "v = 1.0", "v = -0.0", "v = 1e+300",
        "v = 0.1", "v = inf", "v = -inf", R"(v = "a\"\\\n\t\u0000\u007Fü🦆")", "v = []", "v = {}",
        R"(v = [1, "a", [2.5], { a = 1, "b c" = { "" = [] } }])"}) {
    CAPTURE(text);
    const Node node = parse(text);
    const std::string written = to_toml(*node.find("v"));
    CHECK(parse("v = " + written) == node);
    CHECK(to_toml(*parse("v = " + written).find("v")) == written);
  }
  CHECK(to_toml(Node{2.0}) == "2.0");
  CHECK(to_toml(Node{1e100}) == "1e+100");
}

TEST_CASE("values are equal wherever they were written, and different kinds never are") {
  CHECK(parse("a = [1, { b = 'x' }]") == parse("\n\n  a = [1,   { b = \"x\" }]", "b.toml"));
  CHECK(parse("a = 1") != parse("a = 1.0"));
  CHECK(parse("a = 1") != parse("b = 1"));
  CHECK(parse("a = 1") != parse("a = 1\nb = 1"));
  CHECK(Node{} != Node{std::string()});
}

TEST_CASE("a layer lies over another key by key") {
  CHECK(merged("a = 1\nb = 2\n[t]\nx = 1\ny = 2", "b = 3\nc = 4\n[t]\ny = 5") ==
        "{ a = 1, b = 3, t = { x = 1, y = 5 }, c = 4 }");
  CHECK(merged("a = [1, 2]", "a = [3]") == "{ a = [3] }");
  CHECK(merged("a = 1", "[a]\nx = 1") == "{ a = { x = 1 } }");
  CHECK(merged("", "a = 1") == "{ a = 1 }");
  CHECK(merged("a = 1", "") == "{ a = 1 }");
}

TEST_CASE("named tables of lists lie over each other by name") {
  CHECK(merged("[[camera]]\nname = 'a'\nevery = '1s'\n[[camera]]\nname = 'b'",
               "[[camera]]\nname = 'c'\n[[camera]]\nname = 'a'\nevery = '2s'") ==
        R"({ camera = [{ name = "a", every = "2s" }, { name = "b" }, { name = "c" }] })");
  CHECK(merged("[[sink]]\nkind = 'file'", "[[sink]]\nkind = 'mqtt'") == R"({ sink = [{ kind = "mqtt" }] })");
  CHECK(merged("[[camera]]\nname = 'a'", "camera = []") == "{ camera = [] }");
}

TEST_CASE("a component whose kind changes keeps nothing of the old one") {
  CHECK(merged("source = { kind = 'http', url = 'u' }", "source = { kind = 'folder', path = 'p' }") ==
        R"({ source = { kind = "folder", path = "p" } })");
  CHECK(merged("source = { kind = 'http', url = 'u' }", "source = { kind = 'http', timeout = '1s' }") ==
        R"({ source = { kind = "http", url = "u", timeout = "1s" } })");
  CHECK(merged("source = { kind = 'http', url = 'u' }", "source = { url = 'v' }") ==
        R"({ source = { kind = "http", url = "v" } })");
}

TEST_CASE("each value keeps the origin of its layer") {
  const Node both = merge(parse("a = 1\n[t]\nx = 1\ny = 1", "lower.toml"), parse("\n[t]\ny = 2", "upper.toml"));
  CHECK(*both.find("a")->origin().file == "lower.toml");
  CHECK(*both.find("t")->find("x")->origin().file == "lower.toml");
  CHECK(*both.find("t")->find("y")->origin().file == "upper.toml");
  CHECK(both.find("t")->find("y")->origin().line == 3);
}

TEST_CASE("an empty node becomes a table when an entry is set, and an entry is replaced in place") {
  Node node;
  node.set("a", Node{std::int64_t{1}});
  node.set("b", Node{std::int64_t{2}});
  node.set("a", Node{std::string("x")});
  CHECK(to_toml(node) == R"({ a = "x", b = 2 })");
  CHECK(node.find("c") == nullptr);
  CHECK(Node{true}.find("a") == nullptr);
}

TEST_CASE("a value is named by its kind in messages") {
  CHECK(parse("v = 1").find("v")->kind() == "a whole number");
  CHECK(parse("v = 1.5").find("v")->kind() == "a number");
  CHECK(parse("v = 'x'").find("v")->kind() == "a string");
  CHECK(parse("v = []").find("v")->kind() == "a list");
  CHECK(parse("v = {}").find("v")->kind() == "a table");
}
