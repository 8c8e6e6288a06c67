#include <filesystem>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "support/picture_files.hpp"
#include "support/program.hpp"
#include "support/tiny_onnx.hpp"

using namespace perch;
using test::Finished;
using test::run_program;
using test::TempFolder;
using test::write_test_file;
namespace json = boost::json;

namespace {

/// A folder with a tiny model and two pictures.
struct Place {
  TempFolder folder;

  Place() {
    REQUIRE(write_file(folder / "means.onnx", test::mean_onnx(1, 8, 8)));
    write_test_file(folder / "means.toml",
                    "name = 'means'\ntask = 'classify'\nlabels = ['red', 'green', 'blue']\n"
                    "decoder = { kind = 'classify' }\n");
    for (int i = 0; i < 2; ++i)
      write_test_file(folder / ("pictures/" + std::to_string(i) + ".jpg"), as_text(test::jpeg_file(160 + 8 * i, 120)));
  }

  Finished bench(std::vector<std::string> more) const {
    std::vector<std::string> command{PERCH_PROGRAM,
                                     "bench",
                                     "pipeline",
                                     "--model",
                                     (folder / "means.onnx").string(),
                                     "--pictures",
                                     (folder / "pictures").string()};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command);
  }
};

double number(const json::value& value) {
  return value.to_number<double>();
}

}  // namespace

TEST_CASE("the pipeline, the limit, a load and still cameras are measured in one run") {
  const Place place;
  const Finished f = place.bench({"--cameras", "2", "--slices", "2", "--seconds", "0.2", "--load", "0.05", "--still",
                                  "4", "--duration", "1s", "--json"});
  REQUIRE_MESSAGE(f.status == 0, f.err);
  const json::value report = json::parse(f.out);
  const json::value& throughput = report.at("throughput");
  CHECK(throughput.at("slices").as_array().size() == 2);
  for (const char* key : {"fps", "limit_fps", "efficiency", "inference_ms", "core_share", "core_share_together",
                          "first_observation_ms", "resident_mb", "edge_cpu_ms", "limit_cpu_ms"}) {
    CAPTURE(key);
    CHECK(number(throughput.at(key)) > 0);
  }
  const json::value& load = report.at("load");
  CHECK(number(load.at("looked")) > 0);
  for (const char* time : {"total", "committed"}) {
    CHECK(number(load.at("ms").at(time).at("count")) > 0);
    CHECK(number(load.at("ms").at(time).at("p99")) >= number(load.at("ms").at(time).at("p50")));
  }
  CHECK(number(load.at("ms").at("committed").at("p50")) >= number(load.at("ms").at("total").at("p50")));
  const json::value& still = report.at("still");
  CHECK(number(still.at("cameras")) == 4);
  CHECK(number(still.at("still")) > 0);
  CHECK(number(still.at("failures")) == 0);
}

TEST_CASE("cameras at an interval alone are a table for people") {
  const Place place;
  const Finished f = place.bench({"--cameras", "2", "--slices", "0", "--every", "100ms", "--duration", "1s"});
  REQUIRE_MESSAGE(f.status == 0, f.err);
  CHECK(f.out.find("steady: 2 cameras, each every 100 ms") != std::string::npos);
  CHECK(f.out.find("limit") == std::string::npos);
}

TEST_CASE("cameras with every fault and cameras without are watched in runs with and without faults") {
  const Place place;
  const Finished f = run_program({PERCH_PROGRAM, "bench", "cameras", "--model", (place.folder / "means.onnx").string(),
                                  "--count", "4", "--faulty", "0.5", "--every", "100ms", "--duration", "2s",
                                  "--fault-every", "200ms", "--loops", "1", "--json"});
  REQUIRE_MESSAGE(f.status == 0, f.err);
  const json::value report = json::parse(f.out);
  CHECK(report.at("faulty").as_int64() == 2);
  const json::array& runs = report.at("runs").as_array();
  REQUIRE(runs.size() == 3);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK(runs[i].at("with_faults").as_bool() == (i == 1));
    for (const char* key :
         {"looked", "well_count", "well_p50_ms", "well_p99_ms", "resident_last_mb", "descriptors_last"})
      CHECK_MESSAGE(number(runs[i].at(key)) > 0, key);
    CHECK(number(runs[i].at("well_failures")) == 0);
  }
  CHECK(number(runs[0].at("ill_failures")) == 0);
  CHECK(number(runs[1].at("ill_failures")) > 0);
  CHECK(number(report.at("p99_ratio")) > 0);
}

TEST_CASE("what cannot be measured is said, and nothing is left behind") {
  const Place place;
  const Finished no_pictures =
      run_program({PERCH_PROGRAM, "bench", "pipeline", "--model", (place.folder / "means.onnx").string(), "--pictures",
                   (place.folder / "nothing").string()});
  CHECK(no_pictures.status == 2);
  CHECK(no_pictures.err.find("nothing") != std::string::npos);
  CHECK(place.bench({"--slices", "0", "--load", "0.8"}).status == 2);
  CHECK(place.bench({"--every", "soon"}).err.find("--every") != std::string::npos);
}
