#include <atomic>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/picture_files.hpp"
#include "support/program.hpp"
#include "support/source_rig.hpp"
#include "support/test_server.hpp"

using namespace perch;
using perch::test::Connection;
using perch::test::SourceRig;
using perch::test::TestServer;

namespace {

std::int64_t first_of(const Result<Frame>& frame) {
  REQUIRE(frame);
  return std::get<std::int64_t>(std::get<Record>(frame->payload).fields.at(0).second);
}

}  // namespace

TEST_CASE("a file's records come in order, none left out, then the end; a loop begins again") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.csv", "n,speed\n1,2.5\n2,2.5\n3,2.5");
  SourceRig rig(folder.path());
  REQUIRE(rig.make("kind = 'telemetry'\npath = 'a.csv'"));
  CHECK(rig.source->pace() == Pace::lossless);
  for (const int n : {1, 2, 3}) CHECK(first_of(rig.next()) == n);
  CHECK(rig.next().error().code == Errc::eof);
  CHECK(rig.next().error().code == Errc::eof);

  REQUIRE(rig.make("kind = 'telemetry'\npath = 'a.csv'\nloop = true\ntiming = 'rate'\nrate = 10000"));
  CHECK(rig.source->pace() == Pace::lossless);
  for (const int n : {1, 2, 3, 1, 2, 3, 1}) CHECK(first_of(rig.next()) == n);
}

TEST_CASE("records wait for their own times, and a loop goes on with the last step") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.jsonl", "{\"n\": 1, \"ts\": 5000}\n{\"n\": 2, \"ts\": 5030}\n");
  SourceRig rig(folder.path());
  REQUIRE(rig.make("kind = 'telemetry'\npath = 'a.jsonl'\nloop = true\ntiming = 'times'\ntime_unit = 'ms'"));
  const auto start = std::chrono::steady_clock::now();
  for (const int n : {1, 2, 1, 2}) CHECK(first_of(rig.next()) == n);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(90));
}

TEST_CASE("what is wrong is said with file and line, and the records after it still come") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.csv", "n,speed\n1,2\n2\n3,4\n");
  SourceRig rig(folder.path());
  REQUIRE(rig.make("kind = 'telemetry'\npath = 'a.csv'"));
  CHECK(first_of(rig.next()) == 1);
  const auto torn = rig.next();
  REQUIRE_FALSE(torn);
  CHECK(torn.error().message() ==
        fmt::format("{}: line 3: has 1 values, the first line names 2 columns", (folder / "a.csv").string()));
  CHECK(first_of(rig.next()) == 3);

  REQUIRE(rig.make("kind = 'telemetry'\npath = 'a.csv'\ntiming = 'times'"));
  CHECK(rig.next().error().what == "line 2 tells no time");
  REQUIRE(rig.make("kind = 'telemetry'\npath = 'nowhere.csv'"));
  CHECK(rig.next().error().code == Errc::not_found);
  test::write_test_file(folder / "empty.csv", "n,speed\n");
  REQUIRE(rig.make("kind = 'telemetry'\npath = 'empty.csv'\nloop = true"));
  for (int i = 0; i < 3; ++i) CHECK(rig.next().error().what == "holds no record");
}

TEST_CASE("records come over HTTP as they are sent, and a loop asks again") {
  const TestServer server([](Connection& c, const std::string&) {
    return c.respond(200, "application/x-ndjson", "{\"n\": 1, \"ts\": 5}\n{\"n\": 2, \"ts\": 6}\n");
  });
  SourceRig rig;
  REQUIRE(rig.make(fmt::format("kind = 'telemetry'\nurl = '{}'\nloop = true", server.url())));
  for (const int n : {1, 2, 1, 2}) {
    CHECK(first_of(rig.next()) == n);
    rig.clock.advance(std::chrono::seconds(1));
  }

  const TestServer missing([](Connection& c, const std::string&) { return c.respond(404, "text/html", "no"); });
  REQUIRE(rig.make(fmt::format("kind = 'telemetry'\nurl = '{}'", missing.url())));
  CHECK(rig.next().error().code == Errc::not_found);
}

TEST_CASE("over HTTP the end of an answer is not the end: it is asked for again, and what it repeats is not new") {
  std::atomic<int> asked = 0;
  const TestServer server([&](Connection& c, const std::string&) {
    std::string log = "ts,n\n10,1\n20,2\n20,2\n";
    if (++asked >= 3) log += "30,3\n";
    if (asked >= 4) log = "ts,n\n0,1\n10,1\n";  // the device has begun anew
    return c.respond(200, "text/csv", log);
  });
  SourceRig rig;
  REQUIRE(rig.make(fmt::format("kind = 'telemetry'\nurl = '{}'", server.url())));
  const auto next = [&] {
    rig.clock.advance(std::chrono::seconds(1));
    return rig.next();
  };
  for (const int ts : {10, 20, 20}) CHECK(first_of(next()) == ts);
  const Result<Frame> nothing = next();
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == Errc::io);
  CHECK(nothing.error().what == "sends no new record");
  for (const int ts : {30, 0}) CHECK(first_of(next()) == ts);
  CHECK(asked == 4);
}

TEST_CASE("what a device says now counts each time, and it is asked once a second at most") {
  const TestServer server(
      [](Connection& c, const std::string&) { return c.respond(200, "application/json", "{\"open\": 1}"); });
  SourceRig rig;
  REQUIRE(rig.make(fmt::format("kind = 'telemetry'\nurl = '{}'", server.url())));
  CHECK(first_of(rig.next()) == 1);
  const auto start = std::chrono::steady_clock::now();
  CHECK(first_of(rig.next()) == 1);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::seconds(1));
}

TEST_CASE("exactly one of path and url is set") {
  SourceRig rig;
  CHECK(rig.make("kind = 'telemetry'").error().what == "neither path nor url is set");
  CHECK_FALSE(rig.make("kind = 'telemetry'\npath = 'a'\nurl = 'http://h/'"));
  CHECK_FALSE(rig.make("kind = 'telemetry'\nurl = 'ftp://h/'"));
}
