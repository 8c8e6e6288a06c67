#include "journal/record_json.hpp"

#include <doctest/doctest.h>

using perch::Record;
using perch::journal::record_from_json;

TEST_CASE("an object is a record in its order, exact to the last bit") {
  const Record record =
      record_from_json(R"({"rpm": 1774, "lat": 30.327355999999998, "on": true, "gear": "D", "gone": null})").value();
  REQUIRE(record.fields.size() == 4);
  CHECK(record.fields[0] == std::pair<std::string, perch::Scalar>("rpm", std::int64_t{1774}));
  CHECK(record.fields[1] == std::pair<std::string, perch::Scalar>("lat", 30.327355999999998));
  CHECK(record.fields[2] == std::pair<std::string, perch::Scalar>("on", true));
  CHECK(record.fields[3] == std::pair<std::string, perch::Scalar>("gear", std::string("D")));
}

TEST_CASE("objects within are taken apart, lists are refused by name") {
  const Record record = record_from_json(R"({"engine": {"oil": {"bar": 2.5}}, "big": 18446744073709551615})").value();
  CHECK(record.fields[0].first == "engine.oil.bar");
  CHECK(std::get<double>(record.fields[1].second) == 18446744073709551615.0);
  CHECK(record_from_json(R"({"a": {"b": [1]}})").error().what == "'a.b' is a list, no signal");
}

TEST_CASE("what is no JSON object is an error") {
  for (const char* text : {"", "3", "[]", "{", "{\"a\": }", "{\"a\": 1} x", "\xFF\xFE", "nan"})
    CHECK_FALSE(record_from_json(text));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":";
  CHECK_FALSE(record_from_json(deep));
}
