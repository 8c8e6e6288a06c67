#include "config/field.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

using namespace perch::config;
using namespace std::chrono_literals;
using perch::Milliseconds;
using perch::Nanoseconds;
using perch::Result;

namespace {

enum class Fit : std::uint8_t { stretch, letterbox };

struct Even {
  int half = 0;
  bool operator==(const Even&) const = default;
};

struct Inner {
  int x = 1;
  std::vector<std::string> labels;
  bool operator==(const Inner&) const = default;
};

struct Named {
  std::string name;
  double weight = 1;
  bool operator==(const Named&) const = default;
};

struct Config {
  std::string url;
  std::string title = "none";
  bool loud = false;
  int count = 3;
  std::uint8_t small = 0;
  std::uint64_t large = 0;
  double ratio = 0.5;
  float score = 0.4F;
  Milliseconds timeout{5000};
  ByteSize limit{20'000'000};
  Fit fit = Fit::letterbox;
  std::vector<int> strides{8, 16};
  std::vector<std::vector<double>> regions;
  std::optional<double> nms;
  Inner inner{2, {}};
  std::optional<Inner> more;
  std::vector<Named> items;
  Component part;
  Even even;
  bool operator==(const Config&) const = default;
};

}  // namespace

template <>
struct perch::config::EnumNames<Fit> {
  static constexpr std::array<std::string_view, 2> names{"stretch", "letterbox"};
};

template <>
struct perch::config::TextForm<Even> {
  static constexpr std::string_view kPattern = "^(oo)*$";

  static Result<Even> parse(std::string_view text) {
    if (text.size() % 2 == 1) return perch::fail(perch::Errc::invalid, "is odd", {}, "add an o");
    return Even{static_cast<int>(text.size() / 2)};
  }

  static std::string format(const Even& even) { return std::string(static_cast<std::size_t>(2 * even.half), 'o'); }
};

namespace {

constexpr auto kInner = fields<Inner>(field("x", &Inner::x).range(0, 9), field("labels", &Inner::labels));
constexpr auto kNamed =
    fields<Named>(field("name", &Named::name).required(), field("weight", &Named::weight).range(0, 1));
constexpr auto kFields = fields<Config>(
    field("url", &Config::url).required().at_least(1).help("address that answers with one JPEG"),
    field("title", &Config::title).range(2, 8), field("loud", &Config::loud),
    field("count", &Config::count).range(1, 10), field("small", &Config::small), field("large", &Config::large),
    field("ratio", &Config::ratio).range(0.0, 1.0).unit("px"), field("score", &Config::score).at_least(0),
    field("timeout", &Config::timeout).range(100ms, 5min), field("limit", &Config::limit).at_least(ByteSize{1000}),
    field("fit", &Config::fit), field("strides", &Config::strides).range(1, 3), field("regions", &Config::regions),
    field("nms", &Config::nms), field("inner", &Config::inner, kInner), field("more", &Config::more, kInner),
    field("items", &Config::items, kNamed), field("part", &Config::part).category("decoder"),
    field("even", &Config::even));

/// What reading `url = 'u'` and this text says, a line each.
std::string messages(std::string_view text, bool with_url = true) {
  Diagnostics diagnostics;
  const Node node = parse_toml((with_url ? "url = 'u'\n" : "") + std::string(text), "", diagnostics);
  Config config;
  const bool ok = diagnostics.ok() && kFields.read(node, "", diagnostics, config);
  CHECK(ok == diagnostics.ok());
  diagnostics.sort();
  std::string all;
  for (Diagnostic d : diagnostics.list()) {
    if (with_url) --d.line;
    all += (all.empty() ? "" : "\n") + d.message();
  }
  return all;
}

Config read(std::string_view text) {
  Diagnostics diagnostics;
  Config config;
  kFields.read(parse_toml(text, "a.toml", diagnostics), "", diagnostics, config);
  for (const Diagnostic& d : diagnostics.list()) FAIL_CHECK(d.message());
  return config;
}

}  // namespace

TEST_CASE("what the file does not set keeps its default") {
  Config expected;
  expected.url = "u";
  CHECK(read("url = 'u'") == expected);
}

TEST_CASE("every type of field is read") {
  const Config config = read(R"(
url = "http://x"
title = "lot"
loud = true
count = 7
small = 255
large = 9223372036854775807
ratio = 1
score = 0.25
timeout = "1.5s"
limit = "64KiB"
fit = "stretch"
strides = [1, 2, 3]
regions = [[1, 2, 3.5, 4], []]
nms = 0.6
more = {}
even = "oooo"
part = { kind = "yolox", min_score = 0.3 }
[inner]
x = 9
labels = ["car", "truck"]
[[items]]
name = "a"
[[items]]
name = "b"
weight = 0
)");
  CHECK(config.title == "lot");
  CHECK(config.loud);
  CHECK(config.count == 7);
  CHECK(config.small == 255);
  CHECK(config.large == 9223372036854775807ULL);
  CHECK(config.ratio == 1.0);
  CHECK(config.score == 0.25F);
  CHECK(config.timeout == 1500ms);
  CHECK(config.limit.bytes == 65'536);
  CHECK(config.fit == Fit::stretch);
  CHECK(config.strides == std::vector<int>{1, 2, 3});
  CHECK(config.regions == std::vector<std::vector<double>>{{1, 2, 3.5, 4}, {}});
  CHECK(config.nms == 0.6);
  CHECK(config.inner == Inner{9, {"car", "truck"}});
  CHECK(config.more == Inner{});
  CHECK(config.items == std::vector<Named>{{"a", 1}, {"b", 0}});
  CHECK(config.part.kind() == "yolox");
  CHECK(config.even.half == 2);
}

TEST_CASE("a value of the wrong kind is told what it is and what it must be") {
  CHECK(messages("url = 1", false) == ":1:7: url: is a whole number, but must be a string");
  CHECK(messages("loud = 'yes'") == ":1:8: loud: is a string, but must be true or false");
  CHECK(messages("count = 1.5") == ":1:9: count: is a number, but must be a whole number");
  CHECK(messages("count = 'x'") == ":1:9: count: is a string, but must be a whole number");
  CHECK(messages("ratio = '1'") == ":1:9: ratio: is a string, but must be a number");
  CHECK(messages("ratio = nan") == ":1:9: ratio: is nan, but must be a finite number");
  CHECK(messages("timeout = 5") == ":1:11: timeout: is a whole number, but must be a duration like \"5s\"");
  CHECK(messages("limit = 5") == ":1:9: limit: is a whole number, but must be a size like \"20MB\"");
  CHECK(messages("fit = 1") == ":1:7: fit: is a whole number, but must be one of \"stretch\", \"letterbox\"");
  CHECK(messages("strides = 8") == ":1:11: strides: is a whole number, but must be a list");
  CHECK(messages("strides = [8, 'x']") == ":1:15: strides[2]: is a string, but must be a whole number");
  CHECK(messages("regions = [[1], [2, 'x']]") == ":1:21: regions[2][2]: is a string, but must be a number");
  CHECK(messages("inner = 3") == ":1:9: inner: is a whole number, but must be a table");
  CHECK(messages("items = [3]") == ":1:10: items[1]: is a whole number, but must be a table");
  CHECK(messages("part = 'yolox'") == ":1:8: part: is a string, but must be a table like { kind = \"…\" }");
  CHECK(messages("part = { kind = 3 }") == ":1:17: part.kind: is a whole number, but must be a string");
  CHECK(messages("even = 3") == ":1:8: even: is a whole number, but must be a string");
  CHECK(messages("timeout = 2026-11-21") ==
        ":1:11: timeout: '2026-11-21' is not a duration; write it like \"200ms\", \"5s\", \"1min\", \"12h\" or \"7d\"");
}

TEST_CASE("a value out of range is told the range in the words of the file") {
  CHECK(messages("url = ''", false) == ":1:7: url: must not be empty");
  CHECK(messages("title = 'x'") == ":1:9: title: has 1 character, but must have between 2 and 8 characters");
  CHECK(messages("count = 11") == ":1:9: count: is 11, but must be between 1 and 10");
  CHECK(messages("small = 256") == ":1:9: small: is 256, but must be between 0 and 255");
  CHECK(messages("large = -1") == ":1:9: large: is -1, but must be at least 0");
  CHECK(messages("ratio = -0.5") == ":1:9: ratio: is -0.5, but must be between 0 and 1");
  CHECK(messages("score = -1") == ":1:9: score: is -1, but must be at least 0");
  CHECK(messages("score = 1e39") == ":1:9: score: is 1e+39, but must be at most 3.4028234663852886e+38");
  CHECK(messages("timeout = '10ms'") == ":1:11: timeout: is 10ms, but must be between 100ms and 5min");
  CHECK(messages("timeout = '100500us'") == ":1:11: timeout: is 100500us, but must be a multiple of 1ms");
  CHECK(messages("limit = '1B'") == ":1:9: limit: is 1B, but must be at least 1kB");
  CHECK(messages("strides = []") == ":1:11: strides: has 0 entries, but must have between 1 and 3 entries");
  CHECK(messages("strides = [1, 2, 3, 4]") == ":1:11: strides: has 4 entries, but must have between 1 and 3 entries");
  CHECK(messages("strides = [3000000000]") == ":1:12: strides[1]: is 3000000000, but must be at most 2147483647");
  CHECK(messages("inner = { x = 10 }") == ":1:15: inner.x: is 10, but must be between 0 and 9");
  CHECK(messages("[[items]]\nname = 'a'\nweight = 2") == ":3:10: items.a.weight: is 2, but must be between 0 and 1");
}

TEST_CASE("a choice that is none is told the choices, and the nearest when there is one") {
  CHECK(messages("fit = 'leterbox'") ==
        ":1:7: fit: 'leterbox' is not one of stretch, letterbox; did you mean 'letterbox'?");
  CHECK(messages("fit = 'crop'") == ":1:7: fit: 'crop' is not one of stretch, letterbox");
}

TEST_CASE("rubbish in a string of a certain form is told by that form") {
  CHECK(messages("even = 'ooo'") == ":1:8: even: is odd; add an o");
  CHECK(messages("timeout = 'soon'") ==
        ":1:11: timeout: 'soon' is not a duration; write it like \"200ms\", \"5s\", \"1min\", \"12h\" or \"7d\"");
  CHECK(messages("limit = '20 megs'") ==
        ":1:9: limit: '20 megs' is not a size; write it like \"64kB\", \"20MB\" or \"2GiB\"");
}

TEST_CASE("an unknown key is told the nearest key that is not set yet") {
  CHECK(messages("tiemout = '1s'") == ":1:1: tiemout: unknown key; did you mean 'timeout'?");
  CHECK(messages("count = 1\ncounts = 2\nlout = true") ==
        ":2:1: counts: unknown key; did you mean 'count'?\n:3:1: lout: unknown key; did you mean 'loud'?");
  CHECK(messages("inner = { y = 1 }").starts_with(":1:11: inner.y: unknown key; known: x, labels"));
  CHECK(messages("[[items]]\nname = 'a'\nwieght = 1") == ":3:1: items.a.wieght: unknown key; did you mean 'weight'?");
  CHECK(messages("\"bad\\nkey\" = 1").starts_with(":1:1: bad\\x0akey: unknown key"));
}

TEST_CASE("a missing key is told at its table, with what it is for") {
  CHECK(messages("count = 3", false) == ":1:1: url: is missing; set it: address that answers with one JPEG");
  CHECK(messages("[[items]]\nname = 'a'\n[[items]]\nweight = 1") == ":3:1: items[2].name: is missing");
  CHECK(messages("part = { min_score = 1 }") ==
        ":1:8: part.kind: is missing; set it: it decides which other keys there are");
}

TEST_CASE("everything that is wrong is reported at once") {
  CHECK(messages("cuont = 3\ninner = { x = 'a', z = 1 }\ntimeout = 5\nitems = [{ name = 'a', weight = 'b' }, 4]",
                 false) ==
        ":1:1: cuont: unknown key; did you mean 'count'?\n"
        ":1:1: url: is missing; set it: address that answers with one JPEG\n"
        ":2:15: inner.x: is a string, but must be a whole number\n"
        ":2:20: inner.z: unknown key; known: x, labels\n"
        ":3:11: timeout: is a whole number, but must be a duration like \"5s\"\n"
        ":4:33: items.a.weight: is a string, but must be a number\n"
        ":4:40: items[2]: is a whole number, but must be a table");
}

TEST_CASE("a list keeps the places of its elements when one of them is wrong") {
  Diagnostics diagnostics;
  Config config;
  kFields.read(parse_toml("url = 'u'\nitems = [{ name = 'a' }, 4, { name = 'c' }]", "", diagnostics), "", diagnostics,
               config);
  CHECK_FALSE(diagnostics.ok());
  REQUIRE(config.items.size() == 3);
  CHECK(config.items[2].name == "c");
}

TEST_CASE("keys that others read from the same table are known") {
  Diagnostics diagnostics;
  Inner inner;
  const std::vector<std::string> extra{"kind"};
  CHECK(kInner.read(parse_toml("kind = 'a'\nx = 2", "", diagnostics), "", diagnostics, inner, extra));
  CHECK_FALSE(kInner.read(parse_toml("kind = 'a'\nx = 2", "", diagnostics), "", diagnostics, inner));
}

TEST_CASE("a value is written without its defaults and read back to the same value") {
  Config config;
  config.url = "http://x?a=\"b\"";
  CHECK(to_toml(kFields.write(config)) == R"({ url = "http://x?a=\"b\"" })");
  config.score = 0.1F;
  config.timeout = 90s;
  config.limit = {1024};
  config.fit = Fit::stretch;
  config.strides = {1};
  config.regions = {{1, 2, 3, 4}, {}};
  config.nms = 0;
  config.inner = {1, {}};  // another table's default, but not this one's
  config.more = Inner{};
  config.items = {{"a", 1}, {"b", 0.5}};
  config.part.table.set("kind", Node{std::string("yolox")});
  config.even.half = 3;
  const std::string text = to_toml(kFields.write(config));
  CHECK(text.find("score = 0.1,") != std::string::npos);
  CHECK(text.find("inner = { x = 1 }") != std::string::npos);
  CHECK(text.find("more = {}") != std::string::npos);
  Diagnostics diagnostics;
  Config again;
  const Node node = parse_toml("v = " + text, "", diagnostics);
  REQUIRE(kFields.read(*node.find("v"), "", diagnostics, again));
  CHECK(again == config);
}

TEST_CASE("a table's specification tells types, limits and defaults") {
  const TableSpec spec = kFields.spec();
  const auto find = [&](std::string_view name) { return *std::ranges::find(spec, name, &FieldSpec::name); };
  CHECK(find("url").required);
  CHECK(find("url").help == "address that answers with one JPEG");
  CHECK(limits_text(find("url")) == "not empty");
  CHECK(limits_text(find("title")) == "2 to 8 characters");
  CHECK(find("timeout").type == FieldType::duration);
  CHECK(to_toml(find("timeout").default_value) == "\"5s\"");
  CHECK(limits_text(find("timeout")) == "100ms to 5min");
  CHECK(limits_text(find("limit")) == "at least 1kB");
  CHECK(limits_text(find("strides")) == "1 to 3 entries");
  CHECK(limits_text(find("fit")).empty());
  CHECK(to_toml(find("score").default_value) == "0.4");
  CHECK(find("fit").choices == std::vector<std::string>{"stretch", "letterbox"});
  CHECK(find("regions").nested.front().nested.front().type == FieldType::number);
  CHECK(to_toml(find("inner").nested.front().default_value) == "2");  // as the owner has it
  CHECK(find("part").category == "decoder");
  CHECK(find("even").pattern == "^(oo)*$");
  CHECK(find("nms").default_value == Node{});
}
