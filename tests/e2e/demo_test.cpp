#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <set>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "net/fetch.hpp"
#include "support/looks.hpp"
#include "support/net_namespace.hpp"
#include "support/program.hpp"
#include "support/running_program.hpp"
#include "support/test_server.hpp"

using namespace perch;
using test::Finished;
using test::NetHost;
using test::RunningProgram;
using test::says;
using test::TempFolder;
using test::TestEthernet;
namespace json = boost::json;

namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// Whether the models that come with the project are where the demo of a source tree finds them.
bool has_models() {
  const auto folder = std::filesystem::path(PERCH_PROGRAM).parent_path().parent_path().parent_path() / "models";
  return std::filesystem::exists(folder / "lot-cars.onnx");
}

}  // namespace

TEST_CASE("perch demo prints the configuration that it runs, and perch check accepts it") {
  const Finished printed = test::run_program({PERCH_PROGRAM, "demo", "--print-config", "--port", "3123"});
  REQUIRE(printed.status == 0);
  CHECK(says(printed.out, "listen = \"127.0.0.1:3123\""));
  for (const char* scene : {"--scene lot", "--scene meter", "--scene boiler", "--scene room"})
    CHECK_MESSAGE(says(printed.out, scene), scene);
  const TempFolder folder;
  test::write_test_file(folder / "demo.toml", printed.out);
  const Finished checked = test::run_program({PERCH_PROGRAM, "check", (folder / "demo.toml").string()});
  CHECK_MESSAGE(checked.status == 0, checked.out << checked.err);
}

TEST_CASE("without any network the demo finds its four cameras and reads them, and leaves nothing behind") {
  if (const std::string trouble = TestEthernet::trouble(); !trouble.empty()) {
    MESSAGE("skipped: " << trouble);
    return;
  }
  if (!has_models()) {
    MESSAGE("skipped: the models are not there; models/remake makes them");
    return;
  }
  NetHost alone;
  alone.ip("link set lo up");
  const TempFolder folder;
  std::unique_ptr<RunningProgram> demo;
  const auto start = SteadyClock::now();
  alone.run([&] {
    demo = std::make_unique<RunningProgram>(
        std::vector<std::string>{PERCH_PROGRAM, "demo", "--port", "0", "--data", (folder / "data").string()});
  });
  const std::string line = demo->wait_for("page   http://");
  const std::string url = line.substr(line.find("http://"));
  std::set<std::string> waiting{"parking-lot", "meter", "boiler-room", "living-room"};
  while (!waiting.empty()) {
    Result<Bytes> bytes = fail(Errc::internal, "not asked");
    alone.run([&] { bytes = net::fetch(url + "api/cameras"); });
    REQUIRE(bytes);
    const json::value all = json::parse(std::string(as_text(*bytes)));
    for (const json::value& camera : all.at("cameras").as_array()) {
      const std::string name(camera.at("name").as_string());
      for (const json::value& task : camera.at("tasks").as_array())
        if (task.at("latest").is_object() && waiting.erase(name) > 0)
          MESSAGE(name << " is read " << seconds_since(start) << " s after the start");
    }
    REQUIRE(seconds_since(start) < 60);
  }
  demo->wait_for("boiler-room heat");  // a reading as a line
  const auto end = SteadyClock::now();
  demo->signal(SIGINT);
  CHECK(demo->wait() == 0);
  MESSAGE("ended after " << seconds_since(end) << " s");
  CHECK(std::filesystem::exists(folder / "data" / "readings.jsonl"));
}

TEST_CASE("what keeps the demo from starting is said with what to do") {
  if (!has_models()) {
    MESSAGE("skipped: the models are not there; models/remake makes them");
    return;
  }
  const test::TestServer taken([](test::Connection&, const std::string&) { return false; });
  const std::string url = taken.url("");
  const std::string port = url.substr(url.rfind(':') + 1);
  const Finished busy =
      test::run_program({PERCH_PROGRAM, "demo", "--seconds", "5", "--port", port.substr(0, port.find('/'))});
  CHECK(busy.status == 2);
  CHECK_MESSAGE(says(busy.err, "another program listens there"), busy.err);
  CHECK(says(busy.err, "choose another port"));

  if (!TestEthernet::trouble().empty()) return;
  NetHost dark;  // its loopback is down
  Finished without;
  dark.run([&] { without = test::run_program({PERCH_PROGRAM, "demo", "--seconds", "5", "--port", "0"}); });
  CHECK(without.status == 2);
  CHECK_MESSAGE(says(without.err, "no network interface 'lo' that is up"), without.err);
}
