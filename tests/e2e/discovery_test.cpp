#include <chrono>
#include <csignal>
#include <functional>
#include <set>
#include <thread>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "net/fetch.hpp"
#include "support/net_namespace.hpp"
#include "support/picture_files.hpp"
#include "support/program.hpp"
#include "support/running_program.hpp"

// The whole program on several hosts, each a network namespace of its own. Times are waited for as long as they take
// and printed; only what could never come fails.

using namespace perch;
using namespace std::chrono_literals;
using test::NetHost;
using test::RunningProgram;
using test::TempFolder;
using test::TestEthernet;
using test::write_test_file;
namespace json = boost::json;

namespace {

using Clock = std::chrono::steady_clock;

#define NEEDS_ETHERNET()                                                       \
  if (const std::string trouble = TestEthernet::trouble(); !trouble.empty()) { \
    MESSAGE("skipped: " << trouble);                                           \
    return;                                                                    \
  }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::unique_ptr<RunningProgram> start_on(NetHost& host, const std::vector<std::string>& command) {
  std::unique_ptr<RunningProgram> program;
  host.run([&] { program = std::make_unique<RunningProgram>(command); });
  return program;
}

/// `perch edge` on a host, asked from there.
class Edge {
 public:
  Edge(NetHost& host, std::string_view discover) : host_(host) {
    write_test_file(config_, "device = 'box'\nlisten = '127.0.0.1:0'\n" + std::string(discover));
    program_ = start_on(host, {PERCH_PROGRAM, "edge", "-c", config_, "--data", (folder_ / "data").string()});
    const std::string line = program_->wait_for("event=http.listening");
    url_ = line.substr(line.find("url=") + 4);
  }

  json::value get(const std::string& path) {
    Result<Bytes> bytes = fail(Errc::internal, "not asked");
    host_.run([&] { bytes = net::fetch(url_ + path); });
    if (!bytes) return nullptr;
    return json::parse(std::string(as_text(*bytes)));
  }

  /// What is known of an instance; null when nothing is.
  json::value discovered(std::string_view instance) {
    const json::value all = get("/api/discovered");
    if (!all.is_object()) return nullptr;
    for (const json::value& one : all.at("discovered").as_array())
      if (one.at("instance").as_string() == instance) return one;
    return nullptr;
  }

  std::string health(const std::string& camera) {
    const json::value one = get("/api/cameras/" + camera);
    return one.is_object() ? std::string(one.at("health").at("health").as_string()) : "";
  }

  std::string address_of(const std::string& instance) {
    const json::value one = discovered(instance);
    return one.is_object() ? std::string(one.at("addresses").at(0).as_string()) : "";
  }

  void stop() {
    program_->signal(SIGTERM);
    CHECK(program_->wait() == 0);
  }

 private:
  NetHost& host_;
  TempFolder folder_;
  std::string config_ = (folder_ / "perch.toml").string();
  std::unique_ptr<RunningProgram> program_;
  std::string url_;
};

void until(const std::string& what, const std::function<bool()>& holds) {
  const auto start = Clock::now();
  while (!holds()) {
    CAPTURE(what);
    REQUIRE(seconds_since(start) < 120);
    std::this_thread::sleep_for(100ms);
  }
  MESSAGE(what << " after " << seconds_since(start) << " s");
}

/// Pictures that differ, so that no camera looks frozen.
struct Pictures {
  TempFolder folder;

  Pictures() {
    for (int i = 0; i < 3; ++i)
      write_test_file(folder / (std::to_string(i) + ".jpg"), as_text(test::jpeg_file(64 + 8 * i, 48)));
  }

  std::vector<std::string> camera(std::initializer_list<std::string> more) const {
    std::vector<std::string> command{PERCH_PROGRAM, "camera", "--folder", folder.path().string(), "--every", "100ms"};
    command.insert(command.end(), more);
    return command;
  }
};

constexpr std::string_view kEvery200ms = "[[discover]]\nmatch = 'cam-*'\nevery = '200ms'\n";

bool avahi_is_installed() {
  return test::run_program({"sh", "-c", "command -v avahi-daemon unshare"}).status == 0;
}

}  // namespace

TEST_CASE("a camera that is plugged in is there, is followed to a new address, is gone when it goes, and returns") {
  NEEDS_ETHERNET();
  const Pictures pictures;
  TestEthernet net(3);
  Edge edge(net[0], kEvery200ms);
  CHECK(edge.get("/api/discovered").at("enabled").as_bool());

  auto camera = start_on(net[1], pictures.camera({"--name", "cam-a", "--port", "8081"}));
  auto other = start_on(net[2], pictures.camera({"--name", "stranger", "--port", "80"}));
  until("a camera is live", [&] { return edge.health("cam-a") == "live"; });
  const json::value found = edge.discovered("cam-a");
  CHECK(found.at("state").as_string() == "camera");
  CHECK(found.at("port").as_int64() == 8081);
  CHECK(found.at("addresses").at(0).as_string() == "10.77.0.2");
  CHECK(found.at("gone").is_null());
  until("a stranger is found", [&] { return edge.discovered("stranger").is_object(); });
  CHECK(edge.discovered("stranger").at("state").as_string() == "found, not configured");
  CHECK(edge.health("stranger").empty());

  net[1].ip("address del 10.77.0.2/24 dev eth0");
  net[1].ip("address add 10.77.0.99/24 dev eth0");
  until("its new address is known", [&] { return edge.address_of("cam-a") == "10.77.0.99"; });
  until("it is live there", [&] { return edge.health("cam-a") == "live"; });

  camera->signal(SIGTERM);
  CHECK(camera->wait() == 0);
  until("its goodbye is heard", [&] { return !edge.discovered("cam-a").at("gone").is_null(); });
  until("it is gone", [&] { return edge.health("cam-a") == "gone"; });

  camera = start_on(net[1], pictures.camera({"--name", "cam-a", "--port", "8082"}));
  until("it is live again", [&] { return edge.health("cam-a") == "live"; });
  CHECK(edge.discovered("cam-a").at("port").as_int64() == 8082);
  edge.stop();
}

TEST_CASE("an interface that is not up yet is said, and its cameras are found once it is") {
  NEEDS_ETHERNET();
  const Pictures pictures;
  TestEthernet net(2);
  net[0].ip("link set eth0 down");
  Edge edge(net[0], "discovery = { interfaces = ['eth0'] }\n" + std::string(kEvery200ms));
  const json::value found = edge.get("/api/discovered");
  CHECK(found.at("enabled").as_bool());
  CHECK(found.at("trouble").as_string().find("no network interface 'eth0' that is up") != std::string::npos);
  auto camera = start_on(net[1], pictures.camera({"--name", "cam-a", "--port", "8081"}));
  net[0].ip("link set eth0 up");
  until("a camera is live", [&] { return edge.health("cam-a") == "live"; });
  CHECK(edge.get("/api/discovered").at("trouble").as_string().empty());
}

TEST_CASE("a camera whose power is cut is gone although nobody says goodbye") {
  NEEDS_ETHERNET();
  const Pictures pictures;
  TestEthernet net(2);
  Edge edge(net[0], kEvery200ms);
  const auto camera = start_on(net[1], pictures.camera({"--name", "cam-a", "--port", "0"}));
  until("a camera is live", [&] { return edge.health("cam-a") == "live"; });
  net.unplug(1);
  until("it is gone", [&] { return edge.health("cam-a") == "gone"; });
  net.plug(1);
  until("it is live again", [&] { return edge.health("cam-a") == "live"; });
  edge.stop();
}

TEST_CASE("two Perches, avahi-daemon and cameras live on one host together") {
  NEEDS_ETHERNET();
  const Pictures pictures;
  const TempFolder folder;
  TestEthernet net(2);
  std::unique_ptr<RunningProgram> avahi;
  if (avahi_is_installed()) {
    const std::string config = (folder / "avahi.conf").string();
    write_test_file(config, "[server]\nenable-dbus=no\nhost-name=neighbour\n[publish]\npublish-workstation=yes\n");
    // It has one fixed folder for what it runs with: it gets one of its own.
    avahi = start_on(net[0], {"unshare", "-m", "sh", "-c",
                              "mount -t tmpfs none /run && exec avahi-daemon --no-drop-root --no-chroot -f " + config});
    avahi->wait_for("Server startup complete");
  } else {
    MESSAGE("without avahi-daemon: it is not installed");
  }
  Edge first(net[0], kEvery200ms);
  Edge second(net[0], kEvery200ms);
  const auto here = start_on(net[0], pictures.camera({"--name", "cam-here", "--port", "0"}));
  const auto there = start_on(net[1], pictures.camera({"--name", "cam-there", "--port", "0"}));
  for (Edge* edge : {&first, &second})
    for (const char* camera : {"cam-here", "cam-there"})
      until(fmt::format("{} is live", camera), [&] { return edge->health(camera) == "live"; });
  if (avahi) {
    const test::Finished listed = [&] {
      test::Finished result;
      net[1].run([&] {
        result = test::run_program(
            {PERCH_PROGRAM, "camera", "ls", "--type", "_workstation._tcp", "--seconds", "5", "--json"});
      });
      return result;
    }();
    CHECK(listed.out.find("neighbour") != std::string::npos);
    avahi->signal(SIGTERM);
    CHECK(avahi->wait() == 0);
  }
  first.stop();
  second.stop();
}

TEST_CASE("perch camera ls lists 64 cameras of several hosts, one JSON object a line") {
  NEEDS_ETHERNET();
  const Pictures pictures;
  TestEthernet net(5);
  std::vector<std::unique_ptr<RunningProgram>> hosts;
  for (std::size_t i = 1; i < net.size(); ++i)
    hosts.push_back(start_on(net[i], pictures.camera({"--count", "16", "--port", "0", "--seed", std::to_string(i)})));
  std::set<std::string> names;
  until("64 cameras are listed", [&] {
    test::Finished listed;
    net[0].run([&] { listed = test::run_program({PERCH_PROGRAM, "camera", "ls", "--json", "--seconds", "3"}); });
    REQUIRE(listed.status == 0);
    std::size_t from = 0;
    for (std::size_t end = listed.out.find('\n'); end != std::string::npos; end = listed.out.find('\n', from)) {
      const json::value one = json::parse(listed.out.substr(from, end - from));
      names.insert(std::string(one.at("instance").as_string()));
      CHECK(one.at("port").as_int64() > 0);
      from = end + 1;
    }
    return names.size() == 64;
  });
  CHECK(names.contains("indoor-camera-0100"));
  CHECK(names.contains("indoor-camera-040f"));
}

TEST_CASE("perch camera shows a scene and tells the truth about it") {
  RunningProgram camera({PERCH_PROGRAM, "camera", "--scene", "lot", "--width", "320", "--height", "240", "--address",
                         "127.0.0.1", "--port", "0", "--count", "2", "--seed", "3"});
  const std::string first = camera.wait_for("indoor-camera-0300 ");
  camera.wait_for("indoor-camera-0301 ");
  const std::string url = first.substr(first.find("http://"));
  const std::string base = url.substr(0, url.rfind('/'));
  until("a picture is there", [&] { return net::fetch(url).has_value(); });
  const auto picture = net::fetch(url);
  REQUIRE(picture);
  CHECK(as_text(*picture).starts_with("\xff\xd8"));
  const auto truth = net::fetch(base + "/truth");
  REQUIRE(truth);
  const json::value told = json::parse(std::string(as_text(*truth)));
  CHECK(told.at("scene").as_string() == "lot");
  camera.signal(SIGTERM);
  CHECK(camera.wait() == 0);
}

TEST_CASE("perch camera says what it cannot be") {
  const auto wrong = [](std::vector<std::string> more) {
    more.insert(more.begin(), {PERCH_PROGRAM, "camera"});
    const test::Finished result = test::run_program(more);
    CHECK(result.status == 2);
    return result.err + result.out;
  };
  CHECK(wrong({}).find("--scene") != std::string::npos);
  CHECK(wrong({"--scene", "lott", "--quiet"}).find("'lot'") != std::string::npos);
  CHECK(wrong({"--folder", "/nowhere", "--quiet"}).find("/nowhere") != std::string::npos);
  CHECK(wrong({"--scene", "lot", "--fault", "dakr"}).find("did you mean 'dark'?") != std::string::npos);
  CHECK(wrong({"--v4l2", "/dev/null", "--quiet"}).find("is no camera") != std::string::npos);
  CHECK(wrong({"ls", "--type", "camera"}).find("_camera._tcp") != std::string::npos);
}
