#include "net/dns_sd.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/net_namespace.hpp"

// Every host here is a network namespace of its own. What is timed by DNS-SD is waited for as long as it takes, and the
// time that it took is printed; only what could never come fails.
#define NEEDS_ETHERNET()                                                             \
  if (const std::string trouble = test::TestEthernet::trouble(); !trouble.empty()) { \
    MESSAGE("skipped: " << trouble);                                                 \
    return;                                                                          \
  }

namespace perch::net {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLongest{60};

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// A browser on a host, and what it has told.
class Watcher {
 public:
  explicit Watcher(test::NetHost& host, const std::vector<std::string>& interfaces = {}) : host_(host) {
    host_.run([&] {
      dns_sd_ = std::move(DnsSd::create(host_.io().get_executor(), interfaces).value());
      BrowseEvents events;
      events.appeared = [this](const Found& found) { note("appeared", found); };
      events.changed = [this](const Found& found) { note("changed", found); };
      events.gone = [this](const std::string& name) {
        const std::scoped_lock lock(mutex_);
        here_.erase(name);
        history_.push_back("gone " + name);
        news_.notify_all();
      };
      browser_ = std::make_unique<DnsSd::Browser>(dns_sd_->browse("_camera._tcp", std::move(events)).value());
    });
  }

  ~Watcher() {
    host_.run([&] {
      browser_.reset();
      dns_sd_.reset();
    });
  }

  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Waits until this holds of what is there.
  bool comes_true(const std::function<bool(const std::map<std::string, Found>&)>& what,
                  std::chrono::seconds longest = kLongest) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, longest, [&] { return what(here_); });
  }

  std::map<std::string, Found> here() {
    const std::scoped_lock lock(mutex_);
    return here_;
  }

  std::vector<std::string> history() {
    const std::scoped_lock lock(mutex_);
    return history_;
  }

 private:
  void note(const std::string& what, const Found& found) {
    const std::scoped_lock lock(mutex_);
    here_[found.name] = found;
    history_.push_back(what + " " + found.name);
    news_.notify_all();
  }

  test::NetHost& host_;
  std::unique_ptr<DnsSd> dns_sd_;
  std::unique_ptr<DnsSd::Browser> browser_;
  std::mutex mutex_;
  std::condition_variable news_;
  std::map<std::string, Found> here_;
  std::vector<std::string> history_;
};

/// Services that a host announces, all by one DnsSd of their own.
class Announcer {
 public:
  explicit Announcer(test::NetHost& host, const std::vector<std::string>& interfaces = {}) : host_(host) {
    host_.run([&] { dns_sd_ = std::move(DnsSd::create(host_.io().get_executor(), interfaces).value()); });
  }

  ~Announcer() {
    host_.run([&] {
      all_.clear();
      dns_sd_.reset();
    });
  }

  Announcer(const Announcer&) = delete;
  Announcer& operator=(const Announcer&) = delete;

  void announce(const std::string& name, std::uint16_t port, const TxtEntries& txt = {}) {
    host_.run([&] {
      all_.emplace(name,
                   std::make_unique<DnsSd::Announcement>(dns_sd_->announce({name, "_camera._tcp", port, txt}).value()));
    });
  }

  void withdraw(const std::string& name) {
    host_.run([&] { all_.erase(name); });
  }

  std::string name_of(const std::string& wanted) {
    std::string name;
    host_.run([&] { name = all_.at(wanted)->name(); });
    return name;
  }

 private:
  test::NetHost& host_;
  std::unique_ptr<DnsSd> dns_sd_;
  std::map<std::string, std::unique_ptr<DnsSd::Announcement>> all_;
};

bool has(const Found& found, std::string_view address) {
  return std::ranges::any_of(found.addresses, [&](const auto& one) { return one.to_string() == address; });
}

}  // namespace

TEST_CASE("a type of service has two parts, the second _tcp or _udp") {
  CHECK(check_service_type("_camera._tcp"));
  CHECK(check_service_type("_ipp._udp"));
  for (const std::string wrong : {"", "camera", "_camera", "camera._tcp", "_camera._foo"})
    CHECK_MESSAGE(!check_service_type(wrong), wrong);
  CHECK(check_service_type("camera").error().message().find("_camera._tcp") != std::string::npos);
}

TEST_CASE("a camera on another host is found with its own address, port and text, and its goodbye is heard") {
  NEEDS_ETHERNET();
  test::TestEthernet net(2);
  Watcher watcher(net[0]);
  auto camera = std::make_unique<Announcer>(net[1]);
  camera->announce("indoor-camera-1a2b", 8081, {{"model", "esp32"}, {"flag", ""}});
  REQUIRE(watcher.comes_true([](const auto& here) {
    return here.contains("indoor-camera-1a2b") && here.at("indoor-camera-1a2b").addresses.size() == 2 &&
           !here.at("indoor-camera-1a2b").txt.empty();
  }));
  const Found found = watcher.here().at("indoor-camera-1a2b");
  CHECK(found.host == "indoor-camera-1a2b.local");
  CHECK(found.port == 8081);
  CHECK(found.addresses[0].to_string() == "10.77.0.2");
  CHECK(found.addresses[1].to_v6().is_link_local());
  CHECK(found.addresses[1].to_v6().scope_id() != 0);
  CHECK(found.txt == TxtEntries{{"model", "esp32"}, {"flag", ""}});

  const auto start = SteadyClock::now();
  camera.reset();
  REQUIRE(watcher.comes_true([](const auto& here) { return here.empty(); }));
  const double took = seconds_since(start);
  MESSAGE("goodbye after " << took << " s");
  CHECK(took < 20);  // its records would have held for 120

  // And it returns.
  Announcer again(net[1]);
  again.announce("indoor-camera-1a2b", 8082);
  CHECK(watcher.comes_true(
      [](const auto& here) { return here.contains("indoor-camera-1a2b") && here.begin()->second.port == 8082; }));
}

TEST_CASE("a camera whose name has a space is found, and its host is shown as people write it") {
  NEEDS_ETHERNET();
  test::TestEthernet net(2);
  Watcher watcher(net[0]);
  Announcer camera(net[1]);
  camera.announce("Front Door", 80);
  REQUIRE(watcher.comes_true([](const auto& here) { return here.contains("Front Door"); }));
  const Found found = watcher.here().at("Front Door");
  CHECK(found.host == "Front Door.local");
  CHECK(has(found, "10.77.0.2"));
}

TEST_CASE("a camera that changes its address is followed") {
  NEEDS_ETHERNET();
  test::TestEthernet net(2);
  Watcher watcher(net[0]);
  Announcer camera(net[1]);
  camera.announce("cam", 80);
  REQUIRE(
      watcher.comes_true([](const auto& here) { return here.contains("cam") && has(here.at("cam"), "10.77.0.2"); }));
  net[1].ip("address del 10.77.0.2/24 dev eth0");
  net[1].ip("address add 10.77.0.99/24 dev eth0");
  CHECK(watcher.comes_true([](const auto& here) {
    return here.contains("cam") && has(here.at("cam"), "10.77.0.99") && !has(here.at("cam"), "10.77.0.2");
  }));
  CHECK(watcher.here().at("cam").addresses.front().to_string() == "10.77.0.99");
}

// Takes two minutes of waiting: run it with --no-skip.
TEST_CASE("a camera whose power is cut is gone when its records have run out, and is found when it returns" *
          doctest::skip()) {
  NEEDS_ETHERNET();
  test::TestEthernet net(2);
  Watcher watcher(net[0]);
  Announcer camera(net[1]);
  camera.announce("cam", 80);
  REQUIRE(watcher.comes_true([](const auto& here) { return here.contains("cam"); }));
  const auto start = SteadyClock::now();
  net.unplug(1);
  REQUIRE(watcher.comes_true([](const auto& here) { return here.empty(); }, std::chrono::seconds(240)));
  MESSAGE("gone after " << seconds_since(start) << " s");
  const auto again = SteadyClock::now();
  net.plug(1);
  // It does not know that it was away, so it says nothing by itself: it is asked.
  CHECK(watcher.comes_true([](const auto& here) { return here.contains("cam"); }, std::chrono::seconds(240)));
  MESSAGE("found again after " << seconds_since(again) << " s");
}

TEST_CASE("64 cameras on eight hosts are found within seconds") {
  NEEDS_ETHERNET();
  test::TestEthernet net(9);
  Watcher watcher(net[0]);
  std::vector<std::unique_ptr<Announcer>> hosts;
  for (std::size_t i = 1; i < net.size(); ++i) hosts.push_back(std::make_unique<Announcer>(net[i]));
  const auto start = SteadyClock::now();
  for (std::size_t i = 0; i < 64; ++i)
    hosts[i % hosts.size()]->announce(fmt::format("indoor-camera-{:04x}", i), static_cast<std::uint16_t>(9000 + i));
  REQUIRE(watcher.comes_true([](const auto& here) { return here.size() == 64; }));
  MESSAGE("64 cameras after " << seconds_since(start) << " s");
  std::set<std::uint16_t> ports;
  for (const auto& [name, found] : watcher.here()) ports.insert(found.port);
  CHECK(ports.size() == 64);

  // Who comes later finds those that are there already.
  const auto late = SteadyClock::now();
  Watcher second(net[8]);
  REQUIRE(second.comes_true([](const auto& here) { return here.size() == 64; }));
  MESSAGE("a newcomer finds them after " << seconds_since(late) << " s");
}

TEST_CASE("several processes' worth of DNS-SD live on one host and see each other") {
  NEEDS_ETHERNET();
  test::TestEthernet net(2);
  Announcer first(net[1]);
  Announcer second(net[1]);
  Watcher here(net[1]);
  Watcher there(net[0]);
  first.announce("cam-a", 8001);
  second.announce("cam-b", 8002);
  const auto both = [](const auto& cameras) { return cameras.contains("cam-a") && cameras.contains("cam-b"); };
  CHECK(there.comes_true(both));
  CHECK(here.comes_true(both));
  CHECK(first.name_of("cam-a") == "cam-a");
  CHECK(second.name_of("cam-b") == "cam-b");
}

TEST_CASE("the second camera of a name takes another") {
  NEEDS_ETHERNET();
  test::TestEthernet net(3);
  Watcher watcher(net[0]);
  Announcer first(net[1]);
  first.announce("cam", 8001);
  REQUIRE(watcher.comes_true([](const auto& here) { return here.contains("cam"); }));
  Announcer second(net[2]);
  second.announce("cam", 8002);
  CHECK(watcher.comes_true([](const auto& here) { return here.size() == 2 && here.contains("cam-2"); }));
  CHECK(watcher.here().at("cam").port == 8001);
  CHECK(watcher.here().at("cam-2").port == 8002);
  CHECK(second.name_of("cam") == "cam-2");
}

TEST_CASE("a name that another camera of the same process has is passed over, too") {
  NEEDS_ETHERNET();
  test::TestEthernet net(3);
  Watcher watcher(net[0]);
  Announcer first(net[1]);
  first.announce("cam", 8001);
  REQUIRE(watcher.comes_true([](const auto& here) { return here.contains("cam"); }));
  Announcer second(net[2]);
  second.announce("cam-2", 8002);
  second.announce("cam", 8003);  // which is taken, and so is the next, by its neighbour
  CHECK(watcher.comes_true([](const auto& here) { return here.size() == 3 && here.contains("cam-3"); }));
  CHECK(watcher.here().at("cam-2").port == 8002);
  CHECK(watcher.here().at("cam-3").port == 8003);
}

TEST_CASE("on loopback cameras of this machine are found without any network, and nobody else hears of them") {
  NEEDS_ETHERNET();
  test::TestEthernet net(2);
  for (const bool with_network : {true, false}) {
    CAPTURE(with_network);
    net[1].ip("link set lo up");
    if (!with_network) net[1].ip("link set eth0 down");
    Watcher elsewhere(net[0]);
    Watcher here(net[1], {"lo"});
    Announcer quiet(net[1], {"lo"});
    const auto start = SteadyClock::now();
    quiet.announce("cam-lo", 8001);
    REQUIRE(here.comes_true([](const auto& cameras) { return cameras.contains("cam-lo"); }));
    MESSAGE("found on loopback after " << seconds_since(start) << " s");
    CHECK(here.here().at("cam-lo").addresses.front().to_string() == "127.0.0.1");
    if (!with_network) continue;
    Announcer loud(net[1]);
    loud.announce("cam-eth", 8002);
    REQUIRE(elsewhere.comes_true([](const auto& cameras) { return cameras.contains("cam-eth"); }));
    CHECK(elsewhere.here().size() == 1);
    CHECK(here.here().size() == 1);
  }
}

TEST_CASE("an interface that is not there, or is down, is named with those that are up") {
  NEEDS_ETHERNET();
  test::TestEthernet net(1);
  net[0].run([&] {
    const auto wrong = DnsSd::create(net[0].io().get_executor(), {"eth7"});
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().message().find("'eth7'") != std::string::npos);
    CHECK(wrong.error().message().find("eth0") != std::string::npos);
  });
}

TEST_CASE("a name that DNS cannot carry is refused") {
  NEEDS_ETHERNET();
  test::TestEthernet net(1);
  net[0].run([&] {
    const auto dns_sd = std::move(DnsSd::create(net[0].io().get_executor()).value());
    for (const std::string& wrong : {std::string(), std::string("a.b"), std::string(64, 'a')})
      CHECK_MESSAGE(!dns_sd->announce({wrong, "_camera._tcp", 80, {}}), wrong);
    CHECK_FALSE(dns_sd->announce({"cam", "camera", 80, {}}));
    CHECK_FALSE(dns_sd->browse("camera", {}));
  });
}

}  // namespace perch::net
