#include "base/json_text.hpp"

#include <cstdlib>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using perch::json::Writer;

TEST_CASE("commas stand between members and elements, and nowhere else") {
  Writer w;
  w.begin_object().key("a").begin_array().integer(1).integer(2).end_array().key("b").begin_object().end_object();
  w.key("c").begin_array().begin_array().end_array().boolean(true).null().end_array().end_object();
  CHECK(w.text() == R"({"a":[1,2],"b":{},"c":[[],true,null]})");
}

TEST_CASE("a string from outside is always valid JSON") {
  const auto quoted = [](std::string_view text) {
    std::string out;
    perch::json::append_string(out, text);
    return out;
  };
  CHECK(quoted("a\"b\\c\n\x01") == R"("a\"b\\c\n\u0001")");
  CHECK(quoted("Küche ☂ 🦆") == "\"Küche ☂ 🦆\"");
  CHECK(quoted("\xFF") == "\"\xEF\xBF\xBD\"");
  CHECK(quoted("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a lone surrogate
  CHECK(quoted("\xE2\x82") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // cut off
}

TEST_CASE("numbers carry no trailing zeros, and what JSON cannot say is null") {
  const auto number = [](double value, int decimals) {
    std::string out;
    perch::json::append_number(out, value, decimals);
    return out;
  };
  CHECK(number(1.5, 3) == "1.5");
  CHECK(number(2.0, 3) == "2");
  CHECK(number(100.0, 0) == "100");
  CHECK(number(-0.0001, 2) == "0");
  CHECK(number(std::numeric_limits<double>::quiet_NaN(), 2) == "null");
  CHECK(number(std::numeric_limits<double>::infinity(), 2) == "null");
}

TEST_CASE("an indented text puts each member on a line, and empty things on one") {
  Writer w(2);
  w.begin_object().key("a").begin_array().integer(1).string("b").end_array();
  w.key("c").begin_object().end_object().key("d").begin_array().end_array().end_object();
  CHECK(w.text() == "{\n  \"a\": [\n    1,\n    \"b\"\n  ],\n  \"c\": {},\n  \"d\": []\n}");
}

TEST_CASE("what is JSON already stands among what is written") {
  Writer w;
  w.begin_array().raw("{\"a\":1}").raw("2").integer(3).end_array();
  CHECK(w.text() == "[{\"a\":1},2,3]");
}

TEST_CASE("an exact number reads back as the same number and never looks like an integer") {
  const auto exact = [](double value) {
    Writer w;
    return w.exact(value).text();
  };
  CHECK(exact(51345.9) == "51345.9");
  CHECK(exact(3) == "3.0");
  CHECK(exact(-0.0) == "-0.0");
  CHECK(exact(1e300) == "1e+300");
  CHECK(exact(std::numeric_limits<double>::quiet_NaN()) == "null");
  for (const double value : {0.1 + 0.2, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789012345680.0})
    CHECK(std::strtod(exact(value).c_str(), nullptr) == value);  // stod refuses what is nearly zero
}
