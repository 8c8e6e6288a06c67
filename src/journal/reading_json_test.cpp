#include "journal/reading_json.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace perch;
using journal::reading_from_json;
using journal::to_json;

namespace {

/// A reading with something of everything.
Reading full_reading() {
  Reading r;
  r.id = "01KAJ0000000000000000000AB";
  r.journal = "01KAH0000000000000000000CD";
  r.seq = 48213;
  r.device = "garage";
  r.camera = "driveway";
  r.task = "cars";
  Observation& o = r.observation;
  o.stamp = {*parse_utc("2026-11-21T02:13:24.118Z"), {"9f2c"}, Milliseconds{8812345}};
  o.status = Status::uncertain;
  o.reason = "two wheels disagree";
  o.values = {{"car", std::int64_t{3}}, {"kwh", 51346.0}, {"open", true}, {"state", std::string("hot \"very\"")}};
  o.confidence = 0.91F;
  r.labels = {"truck", "car"};
  o.findings.detections = {{0, {1}, 0.91F, {412, 233, 180.25F, 96}, TrackId{17}}, {2, {0}, 0.5F, {1, 2, 3, 4}, {}}};
  o.findings.scores = {{0, {0.25F, 0.75F}}, {1, {1, 0}}};
  o.findings.poses = {{3, 0.8F, {{{1.5F, 2.25F}, 0.9F}, {{3, 4}, 0.1F}}}};
  o.findings.digits = {{1, std::vector<float>(100)}};
  o.findings.digits[0].p[37] = 0.9375F;
  o.findings.digits[0].p[38] = 0.0625F;
  o.findings.grids = {{0, 2, 3, {1, 2, 3, 4, 5, 6.5F}, Quad::from_box({8, 16.5F, 32, 24})}, {1, 1, 1, {0.5F}}};
  o.findings.embeddings = {{0, {0.125F, -1}}};
  o.findings.numbers = {{0, "spot", 61.2}};
  r.picture = "sha256:" + std::string(64, 'a');
  r.model = "yolox-nano@695e750a";
  r.config = 12;
  return r;
}

}  // namespace

TEST_CASE("a reading is the line that is promised, keys in this order") {
  Reading r = full_reading();
  Findings& f = r.observation.findings;
  const Detection car = f.detections[0];
  f.clear();
  f.detections = {car};
  r.observation.values = {{"car", std::int64_t{3}}, {"truck", std::int64_t{0}}};
  r.observation.status = Status::ok;
  r.observation.reason.clear();
  CHECK(to_json(r) ==
        R"({"id":"01KAJ0000000000000000000AB","journal":"01KAH0000000000000000000CD","seq":48213,"device":"garage",)"
        R"("camera":"driveway","task":"cars","at":"2026-11-21T02:13:24.118Z","boot":"9f2c","mono_ms":8812345,)"
        R"("status":"ok","values":{"car":3,"truck":0},"confidence":0.91,)"
        R"("detections":[{"label":"car","score":0.91,"box":[412,233,180.25,96],"track":17}],)"
        R"("picture":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",)"
        R"("model":"yolox-nano@695e750a","config":12})");
}

TEST_CASE("everything a reading carries comes back from its line") {
  const Reading r = full_reading();
  const auto back = reading_from_json(to_json(r));
  REQUIRE(back);
  CHECK(to_json(*back) == to_json(r));
  const Observation& o = back->observation;
  CHECK(back->seq == 48213);
  CHECK(o.stamp.at == r.observation.stamp.at);
  CHECK(o.stamp.monotonic == r.observation.stamp.monotonic);
  CHECK(o.status == Status::uncertain);
  REQUIRE(o.values.size() == 4);
  CHECK(std::get<std::int64_t>(o.values[0].value) == 3);
  CHECK(std::get<bool>(o.values[2].value));
  CHECK(std::get<std::string>(o.values[3].value) == "hot \"very\"");
  REQUIRE(o.findings.detections.size() == 2);
  CHECK(back->labels.at(static_cast<std::size_t>(o.findings.detections[0].label.value)) == "car");
  CHECK(o.findings.detections[0].track == TrackId{17});
  CHECK_FALSE(o.findings.detections[1].track);
  CHECK(o.findings.detections[1].region == 2);
  CHECK(o.findings.scores[1].p == std::vector<float>{1, 0});
  CHECK(o.findings.poses[0].points[0].at_px == Point{1.5F, 2.25F});
  CHECK(o.findings.digits[0].p == r.observation.findings.digits[0].p);
  REQUIRE(o.findings.grids.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(o.findings.grids[i].value == r.observation.findings.grids[i].value);
    CHECK(o.findings.grids[i].corners_px == r.observation.findings.grids[i].corners_px);
  }
  CHECK(o.findings.numbers[0].value == 61.2);
}

TEST_CASE("a gauge that happens to be whole stays a gauge, and a count a count") {
  const auto back = reading_from_json(to_json(full_reading()));
  REQUIRE(back);
  CHECK(std::get<double>(back->observation.values[1].value) == 51346.0);
  CHECK(std::holds_alternative<std::int64_t>(back->observation.values[0].value));
}

TEST_CASE("measured values come back to the last bit") {
  Reading r = full_reading();
  for (const double value : {51345.9, 0.1 + 0.2, 1.0 / 3, 5.155555555555555e+106, 5e-324, 1.7976931348623157e308,
                             -123456789012345.67, 2.2250738585072014e-308}) {
    CAPTURE(value);
    r.observation.values = {{"x", value}};
    const auto back = reading_from_json(to_json(r));
    REQUIRE(back);
    CHECK(std::get<double>(back->observation.values.at(0).value) == value);
  }
}

TEST_CASE("what JSON cannot say does not break the line") {
  Reading r = full_reading();
  r.observation.values = {{"nan", std::numeric_limits<double>::quiet_NaN()}, {"x", std::string("\xFF\n")}};
  r.observation.findings.detections[0].score = std::numeric_limits<float>::infinity();
  r.observation.findings.detections[0].label = {99};
  const auto back = reading_from_json(to_json(r));
  REQUIRE(back);
  REQUIRE(back->observation.values.size() == 1);
  CHECK(std::get<std::string>(back->observation.values[0].value) == "\xEF\xBF\xBD\n");
  CHECK(to_json(*back).find(R"("label":"#99","score":0,)") != std::string::npos);
}

TEST_CASE("unknown keys of a newer version are passed over") {
  std::string line = to_json(full_reading());
  line.insert(1, R"("weather":{"deep":[1,2]},)");
  CHECK(reading_from_json(line));
}

TEST_CASE("what is no reading is refused with the key that is wrong") {
  const std::string good = to_json(full_reading());
  REQUIRE(reading_from_json(good));

  struct Case {
    std::string_view from, to, says;
  };

  for (const Case& c :
       {Case{R"("seq":48213)", R"("seq":0)", "'seq'"}, Case{R"("seq":48213)", R"("seq":-5)", "'seq'"},
        Case{R"("seq":48213)", R"("seq":1e99)", "'seq'"}, Case{R"("seq":48213,)", "", "'seq'"},
        Case{R"("id":"01KAJ0000000000000000000AB")", R"("id":"")", "'id'"},
        Case{R"("device":"garage")", R"("device":7)", "'device'"}, Case{"2026-11-21T", "2026-13-21T", "'at'"},
        Case{R"("uncertain")", R"("perhaps")", "'status'"}, Case{"[412,233,180.25,96]", "[412,233]", "'box'"},
        Case{"[412,", "[1e39,", "'box'"}, Case{R"("rows":2)", R"("rows":3)", "'values'"}, Case{"[37,", "[100,", "'p'"},
        Case{"[37,", "[-1,", "'p'"}, Case{"[37,", "[3.5,", "'p'"},
        Case{R"("classes":100)", R"("classes":100000000)", "'classes'"},
        Case{R"("open":true)", R"("open":[])", "'open'"}, Case{R"("truck":1,"car":0)", R"("bus":1)", "'scores'"},
        Case{"{\"id\"", "{id", ""}}) {
    CAPTURE(c.from);
    CAPTURE(c.to);
    std::string line = good;
    const std::size_t at = line.find(c.from);
    REQUIRE(at != std::string::npos);
    line.replace(at, c.from.size(), c.to);
    const auto read = reading_from_json(line);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::invalid);
    CHECK(read.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("a line cut anywhere is refused, not half read") {
  const std::string line = to_json(full_reading());
  for (std::size_t size = 0; size < line.size(); ++size) CHECK_FALSE(reading_from_json(line.substr(0, size)));
  CHECK_FALSE(reading_from_json(std::string(100'000, '[')));
  CHECK_FALSE(reading_from_json(line + line));
  CHECK(reading_from_json(line + " \n"));
  CHECK(reading_from_json(std::string(journal::kMostLineBytes + 1, ' ')).error().code == Errc::too_large);
}
