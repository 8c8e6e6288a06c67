#include "edge/metrics.hpp"

#include <fstream>
#include <sstream>

#include "edge/metrics_process.hpp"
#include "support/edge_fixture.hpp"
#include "support/looks.hpp"
#include "support/readings.hpp"

using namespace perch;
using namespace perch::edge;
using namespace perch::test;
using namespace std::chrono_literals;

namespace {

/// What a Prometheus server makes of such a text: sample with labels → value; and the type of each family.
struct Parsed {
  std::map<std::string, double> samples;
  std::map<std::string, std::string> types;
};

/// The name of the family that a sample belongs to.
std::string family_of(const std::string& name, const std::map<std::string, std::string>& types) {
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"})
    if (name.ends_with(suffix) && types.contains(name.substr(0, name.size() - suffix.size())))
      return name.substr(0, name.size() - suffix.size());
  return name;
}

/// Reads the text line by line, strictly: each sample after the type of its family, each family once and in one piece.
Parsed parse(const std::string& text) {
  Parsed parsed;
  REQUIRE(text.ends_with('\n'));
  std::istringstream lines(text);
  std::string line, family;
  while (std::getline(lines, line)) {
    CAPTURE(line);
    std::istringstream words(line);
    std::string hash, keyword, name, type;
    if (line.starts_with("# ")) {
      words >> hash >> keyword >> name >> type;
      if (keyword == "TYPE") {
        CHECK(parsed.types.emplace(name, type).second);
        CHECK((type == "counter" || type == "gauge" || type == "histogram"));
        CHECK(name == family);
      } else {
        CHECK(keyword == "HELP");
        family = name;
      }
      continue;
    }
    const std::size_t end = line.rfind(' ');
    REQUIRE(end != std::string::npos);
    const std::string sample = line.substr(0, end), value = line.substr(end + 1);
    const std::string plain = sample.substr(0, sample.find('{'));
    for (const char c : plain) CHECK((std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'));
    if (sample.size() > plain.size()) CHECK(sample.ends_with("\"}"));
    CHECK(family_of(plain, parsed.types) == family);
    CHECK(parsed.types.contains(family));
    if (parsed.types[family] == "counter") CHECK(family.ends_with("_total"));
    char* rest = nullptr;
    CHECK(parsed.samples.emplace(sample, std::strtod(value.c_str(), &rest)).second);
    CHECK(*rest == '\0');
  }
  return parsed;
}

}  // namespace

TEST_CASE("a histogram counts what is no longer than each bound") {
  Histogram histogram;
  for (const Nanoseconds took : {Nanoseconds{-5ms}, Nanoseconds{0}, Nanoseconds{250us}, Nanoseconds{251us},
                                 Nanoseconds{3ms}, Nanoseconds{10s}, Nanoseconds{11s}})
    histogram.add(took);
  CHECK(histogram.count() == 7);
  CHECK(histogram.sum_s() == doctest::Approx(21.003501));
  const auto cumulative = histogram.cumulative();
  CHECK(cumulative.front() == 3);
  CHECK(cumulative[1] == 4);
  CHECK(cumulative[4] == 5);
  CHECK(cumulative.back() == 6);
  MetricsText text;
  text.family("took_seconds", MetricsText::Kind::histogram, "How long");
  text.sample({{"stage", "x"}}, histogram);
  const Parsed parsed = parse(text.text());
  CHECK(parsed.samples.at(R"(took_seconds_bucket{stage="x",le="0.00025"})") == 3);
  CHECK(parsed.samples.at(R"(took_seconds_bucket{stage="x",le="10"})") == 6);
  CHECK(parsed.samples.at(R"(took_seconds_bucket{stage="x",le="+Inf"})") == 7);
  CHECK(parsed.samples.at(R"(took_seconds_count{stage="x"})") == 7);
}

TEST_CASE("label values may be any text") {
  MetricsText text;
  text.family("a", MetricsText::Kind::gauge, "b");
  text.sample({{"x", "say \"hi\"\\\nthere"}, {"y", "caf\xC3\xA9 \xFF"}}, 1.5);
  CHECK(text.text() ==
        "# HELP a b\n# TYPE a gauge\na{x=\"say \\\"hi\\\"\\\\\\nthere\",y=\"caf\xC3\xA9 \xEF\xBF\xBD\"} 1.5\n");
}

TEST_CASE("every line of the metrics can be read, and says what happened") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  edge.add_camera("door");
  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  edge.look("yard", *feed, frame_of(Jpeg{SharedBytes(Bytes{1, 2})}));
  REQUIRE(edge.await(edge.journal->add_cursor("file-1", journal::Start::oldest)).has_value());
  REQUIRE(edge.await(edge.journal->append({reading("yard", "cars", edge.clock.now())})).has_value());
  REQUIRE(edge.pictures->put(a_jpeg().view()).has_value());
  edge.on_loop([&] { edge.metrics.committed(3ms); });

  const std::string answer = edge.get("/metrics");
  CHECK(says(answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  const Parsed parsed = parse(edge.body("/metrics"));
  const auto& samples = parsed.samples;
  CHECK(samples.at(R"(perch_build_info{version="1.2.3"})") == 1);
  CHECK(samples.at(R"(perch_camera_frames_total{camera="yard"})") == 3);
  CHECK(samples.at(R"(perch_camera_looked_total{camera="yard"})") == 3);
  CHECK(samples.at(R"(perch_camera_broken_total{camera="yard"})") == 1);
  for (const char* name : {"still", "skipped", "missed", "failures"})
    CHECK(samples.contains(fmt::format("perch_camera_{}_total{{camera=\"yard\"}}", name)));
  CHECK(samples.at(R"(perch_camera_frames_total{camera="door"})") == 0);
  CHECK(samples.at(R"(perch_camera_health{camera="yard",health="live"})") == 1);
  CHECK(samples.at(R"(perch_camera_health{camera="door",health="connecting"})") == 1);
  CHECK(samples.at("perch_journal_readings_total") == 1);
  CHECK(samples.at("perch_journal_last_seq") == 1);
  CHECK(samples.at("perch_journal_bytes") > 0);
  CHECK(samples.at(R"(perch_sink_lag{sink="file-1"})") == 1);
  CHECK(samples.at("perch_pictures") == 1);
  CHECK(samples.at("perch_pictures_bytes") == static_cast<double>(a_jpeg().size()));
  CHECK(samples.at("perch_live_clients") == 0);
  CHECK(samples.at("perch_readings_dropped_total") == 7);
  CHECK(samples.at("perch_pictures_dropped_total") == 3);
  CHECK(samples.at("perch_http_connections") >= 1);
  CHECK(samples.at("process_open_fds") > 5);
  CHECK(samples.at("process_resident_memory_bytes") > 1e6);
  CHECK(samples.at("process_cpu_seconds_total") >= 0);
  const double unix_s = std::chrono::duration<double>(edge.clock.now().time_since_epoch()).count();
  CHECK(samples.at("process_start_time_seconds") <= unix_s + 5);
  CHECK(samples.at("process_start_time_seconds") > unix_s - 3600);
  CHECK(samples.at(R"(perch_stage_seconds_count{stage="observation"})") == 3);
  CHECK(samples.at(R"(perch_stage_seconds_count{stage="wait"})") == 3);
  CHECK(samples.at(R"(perch_stage_seconds_count{stage="decode"})") == 2);  // one was broken
  CHECK(samples.at(R"(perch_stage_seconds_count{stage="infer"})") == 0);   // there is no model
  CHECK(samples.at(R"(perch_stage_seconds_count{stage="commit"})") == 1);
  for (const std::string_view stage : kStageNames)
    CHECK(samples.at(fmt::format("perch_stage_seconds_bucket{{stage=\"{}\",le=\"+Inf\"}}", stage)) ==
          samples.at(fmt::format("perch_stage_seconds_count{{stage=\"{}\"}}", stage)));
}

TEST_CASE("the process's figures move with it") {
  const ProcessFigures before = process_figures();
  std::vector<std::uint8_t> memory(20'000'000, 1);
  const TempFolder folder;
  write_test_file(folder / "x", "y");
  std::ifstream open(folder / "x");
  const ProcessFigures after = process_figures();
  CHECK(after.open_fds == before.open_fds + 1);
  CHECK(after.resident_bytes > before.resident_bytes + 10'000'000);
  CHECK(memory.back() == 1);
}
