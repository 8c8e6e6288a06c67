#include "source/telemetry/records.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace perch;
using namespace perch::source::telemetry;
using namespace std::chrono_literals;

namespace {

using Field = std::pair<std::string, Scalar>;

/// What the last of some lines gives.
Result<std::optional<Row>> last_of(std::initializer_list<std::string_view> lines, RecordParser parser) {
  Result<std::optional<Row>> row = std::nullopt;
  for (const std::string_view line : lines) row = parser.line(line);
  return row;
}

Result<std::optional<Row>> csv(std::initializer_list<std::string_view> lines) {
  return last_of(lines, {Format::automatic, "", TimeUnit::s});
}

Record record_of(std::initializer_list<std::string_view> lines) {
  auto row = csv(lines);
  REQUIRE(row);
  REQUIRE(*row);
  return (*row)->record;
}

std::string error_of(std::initializer_list<std::string_view> lines) {
  const auto row = csv(lines);
  REQUIRE_FALSE(row);
  CHECK(row.error().code == Errc::invalid);
  return row.error().what;
}

std::string line_of(Lines& lines) {
  const auto line = lines.next();
  REQUIRE(line);
  return *line ? std::string(**line) : "(none)";
}

}  // namespace

TEST_CASE("values of CSV are whole numbers, numbers, flags and names; what is empty is left out") {
  const Record record = record_of({"speed,rpm,on,gear,gone,odd,plus", "33.95, 1774,true,\"D, \"\"sport\"\"\",,nan,+5"});
  REQUIRE(record.fields.size() == 5);
  CHECK(record.fields[0] == Field("speed", 33.95));
  CHECK(record.fields[1] == Field("rpm", std::int64_t{1774}));
  CHECK(record.fields[2] == Field("on", true));
  CHECK(record.fields[3] == Field("gear", std::string("D, \"sport\"")));
  CHECK(record.fields[4] == Field("plus", std::int64_t{5}));
}

TEST_CASE("semicolons, tabs, a byte order mark, empty lines and a separator too many are taken as they are meant") {
  CHECK(record_of({"\xEF\xBB\xBF"
                   "a;b",
                   "", "1;2"})
            .fields[0] == Field("a", std::int64_t{1}));
  CHECK(record_of({"a\tb c", "1\t2,5"}).fields[1] == Field("b c", std::string("2,5")));
  CHECK(record_of({"a,b", "1,2,"}).fields.size() == 2);
  CHECK(record_of({"a,,c", "1,2,3"}).fields[1] == Field("column 2", std::int64_t{2}));
}

TEST_CASE("lines that begin with a brace are JSON") {
  const Record record = record_of({R"({"rpm": 1774, "engine": {"oil": 2.5}})"});
  CHECK(record.fields[1] == Field("engine.oil", 2.5));
  CHECK(error_of({"{}", "{\"a\": 1"}).starts_with("line 2: "));
  CHECK(error_of({"{}", "3,4"}).starts_with("line 2: "));
}

TEST_CASE("torn and odd lines are errors with their number, and the next line is read again") {
  CHECK(error_of({"a,b", "1,2", "3"}) == "line 3: has 1 values, the first line names 2 columns");
  CHECK(error_of({"a,b", "1,\"2"}) == "line 2: value 2 has no end quote");
  CHECK(error_of({"a,b", "\"1\"x,2"}) == "line 2: value 1 goes on behind its quotes");
  CHECK(error_of({"a,b,a"}) == "line 1: two columns are called 'a'");
  CHECK(error_of({"a", std::string(kMostColumns, ',')}) == "line 2: has over 4096 values");
  CHECK(error_of({"time,a", "soon,1"}) == "line 2: 'time' is no time: 'soon'");
  RecordParser parser(Format::automatic, "", TimeUnit::s);
  CHECK(parser.line("a,b"));
  CHECK_FALSE(parser.line("1"));
  CHECK(parser.line("1,2").value().has_value());
  CHECK(parser.number() == 3);
}

TEST_CASE("the time is a number of a unit, or a date; the field is named or found") {
  CHECK(csv({"Time,a", "1.5,2"}).value()->at == 1500ms);
  CHECK(csv({"a,b", "1,2"}).value()->at == std::nullopt);
  CHECK(last_of({"t,a", "250,2"}, {Format::csv, "t", TimeUnit::ms}).value()->at == 250ms);
  CHECK_FALSE(last_of({"t,a", "1e30,2"}, {Format::csv, "t", TimeUnit::ms}));
  CHECK_FALSE(last_of({"t,a", "true,2"}, {Format::csv, "t", TimeUnit::ms}));
  const auto date = csv({"Time,Seconds", "2018-04-08 10:31:37.005628,694.3"}).value()->at;
  CHECK(date == Nanoseconds{1'523'183'497'005'628'000});
  CHECK(parse_time("1970-01-01T01:00:00+01:00") == 0ns);
  CHECK(parse_time("1970-01-01T00:00:01Z") == 1s);
  CHECK(parse_time("1970-01-01T00:00:01,25") == 1250ms);
  for (const char* text : {"", "2018", "2018-02-30 00:00:00", "2018-04-08", "2018-04-08 10:31:37 CET",
                           "2018-04-08 10:61:37", "9999-01-01 00:00:00", "1969-01-01 00:00:00"})
    CHECK_FALSE(parse_time(text).has_value());
}

TEST_CASE("lines come out whole however they were cut, the last one without its end too") {
  Lines lines;
  CHECK(line_of(lines) == "(none)");
  lines.add(as_bytes("ab"));
  CHECK(line_of(lines) == "(none)");
  lines.add(as_bytes("c\r\n\nd"));
  CHECK(line_of(lines) == "abc");
  CHECK(line_of(lines) == "");
  CHECK(line_of(lines) == "(none)");
  lines.finish();
  CHECK_FALSE(lines.ended());
  CHECK(line_of(lines) == "d");
  CHECK(line_of(lines) == "(none)");
  CHECK(lines.ended());
}

TEST_CASE("a line without an end is refused once, and what follows it is read") {
  Lines lines;
  const std::string piece(kMostLineBytes / 2 + 1, 'x');
  lines.add(as_bytes(piece));
  CHECK(line_of(lines) == "(none)");
  lines.add(as_bytes(piece));
  const auto refused = lines.next();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::too_large);
  for (int i = 0; i < 3; ++i) {
    lines.add(as_bytes(piece));
    CHECK(line_of(lines) == "(none)");
  }
  lines.add(as_bytes("end\nnext\n"));
  CHECK(line_of(lines) == "next");
}
