#include <doctest/doctest.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "config/node.hpp"

using namespace perch::config;

namespace {

Node good(std::string_view text) {
  Diagnostics diagnostics;
  Node node = parse_toml(text, "a.toml", diagnostics);
  for (const Diagnostic& d : diagnostics.list()) FAIL_CHECK(d.message());
  return node;
}

/// The only message about a text that is no TOML.
std::string bad(std::string_view text) {
  Diagnostics diagnostics;
  const Node node = parse_toml(text, "a.toml", diagnostics);
  CHECK(std::holds_alternative<std::monostate>(node.value()));
  REQUIRE(diagnostics.list().size() == 1);
  return diagnostics.list()[0].message();
}

/// "line:column of the key → line:column of the value"
std::string place(const Entry& entry) {
  CHECK(*entry.origin.file == "a.toml");
  return fmt::format("{}:{} {}:{}", entry.origin.line, entry.origin.column, entry.value.origin().line,
                     entry.value.origin().column);
}

std::string place(const Node& table, std::string_view key) {
  for (const Entry& entry : *table.table())
    if (entry.key == key) return place(entry);
  return "absent";
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("every kind of value is read") {
  const Node root = good("s = 'x'\ni = -3\nh = 0xff\nf = 2.5\nb = true\nl = [1, 'a']\nt = {a = 1}\nd = 2026-11-21\n");
  CHECK(*root.find("s") == Node{std::string("x")});
  CHECK(*root.find("i") == Node{std::int64_t{-3}});
  CHECK(*root.find("h") == Node{std::int64_t{255}});
  CHECK(*root.find("f") == Node{2.5});
  CHECK(*root.find("b") == Node{true});
  CHECK(root.find("l")->array()->size() == 2);
  CHECK(*root.find("t")->find("a") == Node{std::int64_t{1}});
  CHECK(*root.find("d") == Node{std::string("2026-11-21")});  // no field is a date: what wants another kind says so
  CHECK(*good("d = 2026-11-21T02:13:24Z").find("d") == Node{std::string("2026-11-21T02:13:24Z")});
  CHECK(*good("d = 02:13:24.5").find("d")->text() == "02:13:24.5");
}

TEST_CASE("keys and values know where they stand") {
  const Node root = good(
      "device = \"garage\"\n"
      "  listen=  'x'\n"
      "\n"
      "[[camera]]  # the first\n"
      "name = 'a'\n"
      "source = { kind = \"http\", url = 'u' }\n"
      "  [[camera.task]]\n"
      "  name = 't'\n"
      "  list = [1,\n"
      "     2]\n"
      "[[camera]]\n"
      "a.b.c = 5\n");
  CHECK(place(root, "device") == "1:1 1:10");
  CHECK(place(root, "listen") == "2:3 2:12");
  CHECK(place(root, "camera") == "4:3 4:1");
  const Array& cameras = *root.find("camera")->array();
  CHECK(cameras[0].origin().line == 4);
  CHECK(cameras[1].origin().line == 11);
  const Node& source = *cameras[0].find("source");
  CHECK(place(cameras[0], "source") == "6:1 6:10");
  CHECK(place(source, "kind") == "6:12 6:19");
  CHECK(place(source, "url") == "6:27 6:33");
  const Node& task = (*cameras[0].find("task")->array())[0];
  CHECK(task.origin().line == 7);
  CHECK(task.origin().column == 3);
  CHECK(place(task, "list") == "9:3 9:10");
  CHECK((*task.find("list")->array())[1].origin().line == 10);
  CHECK((*task.find("list")->array())[1].origin().column == 6);
  CHECK(place(cameras[1], "a") == "12:1 12:1");
  CHECK(place(*cameras[1].find("a"), "b") == "12:3 12:3");
  CHECK(place(*cameras[1].find("a")->find("b"), "c") == "12:5 12:9");
}

TEST_CASE("lines end the same way on every system, a tab is one column, and so is every character") {
  const Node windows = good("a = 1\r\n\r\n\tb = 2\r\n[t]\r\nc = 3\r\n");
  CHECK(place(windows, "a") == "1:1 1:5");
  CHECK(place(windows, "b") == "3:2 3:6");
  CHECK(place(*windows.find("t"), "c") == "5:1 5:5");
  const Node marked = good(
      "\xEF\xBB\xBF"
      "a = 1\n");  // a byte order mark
  CHECK(place(marked, "a") == "1:1 1:5");
  const Node unicode = good("t = { \"küche\" = 'ä☂🦆', b = 1 }\n");
  CHECK(place(*unicode.find("t"), "b") == "1:24 1:28");
}

TEST_CASE("entries stay in the order in which they were written") {
  const Node root = good("z = 1\na = 2\n[t]\ny = 1\nb = 2\n[m]\n");
  std::string order;
  for (const Entry& entry : *root.table()) order += entry.key;
  CHECK(order == "zatm");
  CHECK(root.find("t")->table()->front().key == "y");
}

TEST_CASE("a syntax error is one message with its place") {
  CHECK(bad("a = 1\nb 2\n") == "a.toml:2:3: not valid TOML: expected '=', saw '2'");
  CHECK(bad("a = 1\na = 2\n") == "a.toml:2:5: not valid TOML: 'a' is set twice");
  CHECK(bad("[a]\n[b]\n[a]\n") == "a.toml:3:1: not valid TOML: 'a' is set twice");
  CHECK(bad("a = [1, 2").ends_with("not valid TOML: the file ends in the middle of this"));
  CHECK(bad("a = \"x\nb = 1\n") == "a.toml:1:7: not valid TOML: the string has no closing quote");
  CHECK(bad("a = 'ü\r\n") == "a.toml:1:7: not valid TOML: the string has no closing quote");
  CHECK(bad("[camera\nname = 'x'\n") == "a.toml:1:8: not valid TOML: expected ']', saw '\\n'");
}

TEST_CASE("what breaks assumptions of the parser is an error like any other") {
  CHECK(bad("[,]\n") ==
        "a.toml:1:2: not valid TOML: expected bare key starting character or string delimiter, saw ','");
  CHECK(bad("[[]]\n").starts_with("a.toml:1:3: not valid TOML"));
  CHECK(bad("[").starts_with("a.toml:1:2: not valid TOML"));
  CHECK(bad("é = 1\n").starts_with("a.toml:1:1: not valid TOML"));
  CHECK(bad("a = Ɲ\n").starts_with("a.toml:1:5: not valid TOML"));
  CHECK(bad("a = 1Ɲ\n").starts_with("a.toml:1:6: not valid TOML"));
  CHECK(bad("a. = 1\n").starts_with("a.toml:1:4: not valid TOML"));
}

TEST_CASE("a password that lacks its quotes is shown in no message") {
  CHECK(bad("password = hunter2\n").ends_with("stand in quotes: password = \"…\""));
  CHECK(bad("url = http://admin:hunter2@192.0.2.9/jpg\n").ends_with("stand in quotes: url = \"…\""));
}

TEST_CASE("a value that lacks its quotes is shown with them") {
  CHECK(bad("every = 200ms\n") ==
        "a.toml:1:12: not valid TOML: expected digit, saw 'm'; text, durations and sizes stand in quotes: every = "
        "\"200ms\"");
  CHECK(bad("# first\n  name = garage door # left\n").ends_with("stand in quotes: name = \"garage door\""));
  CHECK(bad("device = \n").find("quotes") == std::string::npos);
  CHECK(bad("a = { b = 1,, }\n").find("quotes") == std::string::npos);
}

TEST_CASE("bytes that are no text are refused with their place") {
  CHECK(bad("a = \"\xff\"\n").starts_with("a.toml:1:"));
  CHECK(bad(std::string_view("a = \"x\0y\"\n", 10)).starts_with("a.toml:1:7: not valid TOML"));
  CHECK(bad(std::string_view("a = 1\n\0", 7)).starts_with("a.toml:2:1: not valid TOML"));
  CHECK(bad("a = \"\xed\xa0\x80\"").starts_with("a.toml:1:"));  // a lone surrogate
  CHECK(bad("a = 1 # \x01\n").starts_with("a.toml:1:9: not valid TOML"));
}

TEST_CASE("nesting that would exhaust the stack is refused") {
  CHECK(bad("a = " + repeated("[", 100'000)).find("nested value depth") != std::string::npos);
  CHECK(bad("a = " + repeated("{a=", 100'000)).find("nested value depth") != std::string::npos);
  CHECK(bad("a = " + repeated("[{a=", 100'000)).find("nested value depth") != std::string::npos);
  CHECK(bad("a" + repeated(".a", 1'000'000) + " = 1") == "a.toml:1:64: a key has more than 32 parts");
  CHECK(bad("x = 1\n[" + repeated("a . ", 100'000) + "b]") == "a.toml:2:128: a key has more than 32 parts");
  CHECK(bad("[[\"a\"" + repeated(".'ü'", 100'000) + "]]") == "a.toml:1:130: a key has more than 32 parts");
  CHECK(bad("a = { a" + repeated(".a", 100'000) + " = 1 }").ends_with("a key has more than 32 parts"));
}

TEST_CASE("what only looks like a deep key is none") {
  const std::string dots = repeated(".", 100);
  good("# " + dots + "\na = 1 # " + dots + "\n");
  good("a = \"" + dots + "\\\"" + dots + "\"\nb = '" + dots + "\\'\n");
  good("a = \"\"\"\n" + dots + "\\\"\"\" " + dots + "\"\"\"\"\"\nb = 1\n");
  good("a = '''\n" + dots + "''" + dots + "\\'''\nb = 1\n");
  good("a = [" + repeated("1.5, ", 100) + "]\n");
  good(repeated("a", 1) + repeated(".a", 31) + " = 1\n");
  good("a = " + repeated("[", 32) + repeated("]", 32) + "\n");
}

TEST_CASE("a text over the limit is refused unread") {
  CHECK(bad(std::string(4'000'001, '\n')) == "a.toml: is over 4.0 MB long");
  good(std::string(4'000'000, '\n'));
}

TEST_CASE("a file that cannot be read is a diagnostic") {
  Diagnostics diagnostics;
  load_toml("/none/perch.toml", diagnostics);
  REQUIRE(diagnostics.list().size() == 1);
  CHECK(diagnostics.list()[0].message() == "/none/perch.toml: cannot open: No such file or directory; check the path");
  Diagnostics none;
  const std::string path = fmt::format("/tmp/perch-toml-{}.toml", ::getpid());
  REQUIRE(perch::write_file(path, perch::as_bytes("a = 1\n")));
  CHECK(*load_toml(path, none).find("a") == Node{std::int64_t{1}});
  CHECK(none.ok());
  std::filesystem::remove(path);
}

TEST_CASE("an empty text is an empty table") {
  CHECK(good("").table()->empty());
  CHECK(good("# nothing\n").table()->empty());
}
