#include "demo/live_table.hpp"

#include <doctest/doctest.h>

using perch::cli::LiveTable;

namespace {

constexpr std::string_view kCameras =
    R"({"cameras":[{"name":"meter","health":{"health":"live","reason":""},"tasks":[
      {"name":"energy","outputs":[{"name":"value","unit":"m³","kind":"counter","decimals":1}],"latest":null}]},
     {"name":"yard","health":{"health":"connecting","reason":""},"tasks":[
      {"name":"cars","outputs":[{"name":"car","unit":"","kind":"gauge","decimals":0},
                                {"name":"full","unit":"","kind":"flag","decimals":0}],"latest":null}]}]})";

/// Without the heading.
std::string row(const LiveTable& table, std::size_t number, std::size_t columns = 200) {
  return table.lines(columns).at(number + 1);
}

}  // namespace

TEST_CASE("each task is a row that follows what is seen, with units and decimals") {
  LiveTable table;
  CHECK(table.wants_cameras());
  table.cameras(kCameras);
  CHECK_FALSE(table.wants_cameras());
  CHECK(table.lines(200).size() == 3);
  CHECK(row(table, 0) == "meter   live        energy  -       ");
  table.hear(R"({"type":"observation","camera":"meter","task":"energy","status":"ok","values":{"value":51345.94}})");
  CHECK(row(table, 0) == "meter   live        energy  ok      51345.9 m³");
  table.hear(R"({"type":"observation","camera":"yard","task":"cars","status":"ok","values":{"car":3,"full":false}})");
  CHECK(row(table, 1) == "yard    connecting  cars    ok      car 3, full no");
}

TEST_CASE("what is unknown is shown as unknown with its reason, never as the last value again") {
  LiveTable table;
  table.cameras(kCameras);
  table.hear(R"({"type":"observation","camera":"meter","task":"energy","status":"ok","values":{"value":51345.9}})");
  table.hear(R"({"type":"observation","camera":"meter","task":"energy","status":"unknown","reason":"glare",
                 "values":{}})");
  CHECK(row(table, 0).ends_with("unknown  glare"));
  table.hear(R"({"type":"health","camera":"meter","health":"gone","reason":"no answer within 5 s"})");
  CHECK(row(table, 0).find("gone") != std::string::npos);
  CHECK(row(table, 0).ends_with("no answer within 5 s"));
}

TEST_CASE("readings become lines, once each") {
  LiveTable table;
  table.cameras(kCameras);
  table.hear(R"({"type":"reading","ms":{},"reading":{"camera":"meter","task":"energy","at":"2026-11-21T02:13:24.118Z",
                 "status":"ok","values":{"value":7.0}}})");
  CHECK(table.take_readings() == std::vector<std::string>{"02:13:24 meter energy 7.0 m³"});
  CHECK(table.take_readings().empty());
  CHECK(table.readings() == 1);
}

TEST_CASE("lines are cut to the terminal, and by characters") {
  LiveTable table;
  table.cameras(kCameras);
  table.hear(R"({"type":"observation","camera":"meter","task":"energy","status":"ok","values":{"value":51345.9}})");
  CHECK(row(table, 0, 46) == "meter   live        energy  ok      51345.9 m³");
  CHECK(row(table, 0, 45) == "meter   live        energy  ok      51345.9 …");
}

TEST_CASE("changed cameras are asked for anew, and what cannot be read changes nothing") {
  LiveTable table;
  table.cameras(kCameras);
  table.hear("no JSON");
  table.hear("[1]");
  table.hear(R"({"type":"news"})");
  table.hear(R"({"type":"observation","camera":"nobody","task":"x","status":"ok","values":{"a":1}})");
  CHECK(table.lines(200).size() == 3);
  CHECK_FALSE(table.wants_cameras());
  table.hear(R"({"type":"cameras","config":13})");
  CHECK(table.wants_cameras());
}
