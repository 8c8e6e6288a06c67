#include "base/text.hpp"

#include <regex>

#include <doctest/doctest.h>

using namespace perch;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> kKeys{"url", "timeout", "every", "min_score", "name"};

bool matches(std::string_view pattern, const std::string& text) {
  return std::regex_search(text, std::regex(std::string(pattern)));
}

}  // namespace

TEST_CASE("a mistyped name finds what was meant") {
  CHECK(nearest("evry", kKeys) == "every");       // a letter lost
  CHECK(nearest("eevery", kKeys) == "every");     // a letter doubled
  CHECK(nearest("tiemout", kKeys) == "timeout");  // two swapped: one edit
  CHECK(nearest("min-score", kKeys) == "min_score");
  CHECK(nearest("minScore", kKeys) == "min_score");
  CHECK(nearest("URL", kKeys) == "url");  // case costs little
  CHECK(nearest("MIN_SCORE", kKeys) == "min_score");
  CHECK(nearest("nmae", kKeys) == "name");
}

TEST_CASE("what is far from everything has no nearest name") {
  CHECK_FALSE(nearest("resolution", kKeys));
  CHECK_FALSE(nearest("", kKeys));
  CHECK_FALSE(nearest("x", std::vector<std::string>{"y"}));
  CHECK_FALSE(nearest("evry", {}));
  CHECK_FALSE(nearest(std::string(201, 'a'), std::vector<std::string>{std::string(200, 'a')}));
  CHECK_FALSE(nearest("aaaa", std::vector<std::string>{std::string(10'000'000, 'a')}));  // and takes no time
}

TEST_CASE("of two near names the nearer one is meant") {
  const std::vector<std::string> labels{"cart", "cat", "car"};
  CHECK(nearest("car", labels) == "car");
  CHECK(nearest("caar", labels) == "car");
  CHECK(nearest("Cat", labels) == "cat");
}

TEST_CASE("a suggestion names the nearest, else what there is, else nothing") {
  CHECK(suggest("evry", kKeys) == "did you mean 'every'?");
  CHECK(suggest("resolution", kKeys) == "known: url, timeout, every, min_score, name");
  CHECK(suggest("resolution", {}).empty());
  std::vector<std::string> many;
  for (int i = 0; i < 13; ++i) many.push_back(std::string(1, static_cast<char>('a' + i)));
  CHECK(suggest("resolution", many) == "known: a, b, c, d, e, f, g, h, i, j, k, l, …");
}

TEST_CASE("only ASCII letters are made small") {
  CHECK(lower_case("Größe ÄB.JPG-9") == "größe Äb.jpg-9");
  CHECK(lower_case("").empty());
}

TEST_CASE("durations are read with their unit") {
  CHECK(parse_duration("200ms") == 200ms);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("2min") == 2min);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("12h") == 12h);
  CHECK(parse_duration("7d") == 24h * 7);
  CHECK(parse_duration("0s") == 0s);
  CHECK(parse_duration("5 s") == 5s);
  CHECK(parse_duration("1e3us") == 1ms);
  CHECK(parse_duration("9007199254740993ns") == Nanoseconds{9007199254740993});  // more than a double holds
}

TEST_CASE("rubbish is no duration, and the message says how to write one") {
  for (const std::string bad : {"", "5", "s", "-1s", "-0s", "5sec", "5S", "nans", "infs", "1e30d", "300000d", "5s5",
                                "0x5s", "5,5s", " 5s", "99999999999999999999999ns", "5s\n5s"}) {
    CAPTURE(bad);
    const auto duration = parse_duration(bad);
    REQUIRE_FALSE(duration);
    CHECK(duration.error().code == Errc::invalid);
    CHECK_FALSE(duration.error().remedy.empty());
  }
  CHECK(parse_duration("5 minutes").error().message() ==
        "'5 minutes' is not a duration; write it like \"200ms\", \"5s\", \"1min\", \"12h\" or \"7d\"");
}

TEST_CASE("a duration's text is read back to the same duration") {
  CHECK(duration_text(0ns) == "0s");
  CHECK(duration_text(1500ms) == "1500ms");
  CHECK(duration_text(90s) == "90s");
  CHECK(duration_text(60s) == "1min");
  CHECK(duration_text(48h) == "2d");
  for (const Nanoseconds d :
       {Nanoseconds{0}, Nanoseconds{1}, Nanoseconds{1'000'000'007}, Nanoseconds{9'000'000'000'000'000'001},
        Nanoseconds{3ms}, Nanoseconds{61min}, Nanoseconds{24h * 365}}) {
    CHECK(parse_duration(duration_text(d)) == d);
    CHECK(matches(kDurationPattern, duration_text(d)));
  }
}

TEST_CASE("sizes are read with decimal and binary units") {
  CHECK(parse_size("10B") == 10);
  CHECK(parse_size("64kB") == 64'000);
  CHECK(parse_size("64KB") == 64'000);
  CHECK(parse_size("64KiB") == 65'536);
  CHECK(parse_size("1.5MB") == 1'500'000);
  CHECK(parse_size("2GiB") == 2'147'483'648);
  CHECK(parse_size("1TiB") == 1'099'511'627'776);
  for (const std::string bad : {"", "64", "64k", "-1B", "64mb", "1e300GB", "20 megabytes", "9300000TB"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_size(bad));
  }
  for (const std::uint64_t size : {0ULL, 1ULL, 1000ULL, 1024ULL, 1024000ULL, 9'007'199'254'740'993ULL}) {
    CHECK(parse_size(size_text(size)) == size);
    CHECK(matches(kSizePattern, size_text(size)));
  }
}

TEST_CASE("the patterns for schemas accept what the readers accept") {
  for (const std::string text : {"200ms", "1.5s", ".5s", "5.s", "1e3us", "5 s", "5s ", "7d", "1E-3h"}) {
    CAPTURE(text);
    CHECK(parse_duration(text));
    CHECK(matches(kDurationPattern, text));
  }
  for (const std::string text : {"", "5", "s", "-1s", "5sec", "5S", "nans", "0x5s", "5,5s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
    CHECK_FALSE(matches(kDurationPattern, text));
  }
  for (const std::string text : {"10B", "64kB", "64KB", "1.5MB", "2 GiB", "1TiB", "1KiB"})
    CHECK(matches(kSizePattern, text));
  for (const std::string text : {"64", "64k", "-1B", "64mb", "1kiB"}) CHECK_FALSE(matches(kSizePattern, text));
}

TEST_CASE("durations and sizes are short for people") {
  CHECK(format_duration(850us) == "850 µs");
  CHECK(format_duration(1500us) == "1.5 ms");
  CHECK(format_duration(850ms) == "850 ms");
  CHECK(format_duration(1500ms) == "1.5 s");
  CHECK(format_duration(185s) == "3 min 5 s");
  CHECK(format_duration(2h) == "2 h");
  CHECK(format_duration(49h) == "2 d 1 h");
  CHECK(format_size(512) == "512 B");
  CHECK(format_size(1500) == "1.5 kB");
  CHECK(format_size(20'000'000) == "20 MB");
}

TEST_CASE("splitting keeps empty parts, and joining undoes it") {
  CHECK(split("a,,b,", ',') == std::vector<std::string>{"a", "", "b", ""});
  CHECK(split("", ',') == std::vector<std::string>{""});
  CHECK(join(split("a,,b,", ','), ",") == "a,,b,");
  CHECK(trim(" \t x y\r\n") == "x y");
  CHECK(trim(" \n").empty());
}

TEST_CASE("a text is a number whole or not at all") {
  CHECK(parse_number<int>("-12") == -12);
  CHECK(parse_number<std::uint8_t>("255") == 255);
  CHECK(parse_number<unsigned char>("7f", 16) == 0x7f);
  CHECK(parse_number<double>("2.5e-1") == 0.25);
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "x", "256", "-1"}) CHECK_FALSE(parse_number<std::uint8_t>(text));
  CHECK_FALSE(parse_number<int>("1.0"));
  CHECK_FALSE(parse_number<double>("1e999"));
}

TEST_CASE("a few words become a sentence, and a sentence stays one") {
  CHECK(sentence("what to find out") == "What to find out.");
  CHECK(sentence("Counts.") == "Counts.");
  CHECK(sentence("").empty());
}

TEST_CASE("bytes from outside are made safe to print") {
  CHECK(printable("Küche ☂ 🦆") == "Küche ☂ 🦆");
  CHECK(printable("a\x1b[31m\n") == "a\\x1b[31m\\x0a");
  CHECK(printable("\xff\xe2\x82") == "\\xff\\xe2\\x82");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(printable("ääää", 5) == "ää…");                   // never half a character
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a lone surrogate is no character
  CHECK(printable("\xc2\x9b"
                  "31m") ==
        "\\xc2\\x9b"
        "31m");  // a control character of the second half
}
