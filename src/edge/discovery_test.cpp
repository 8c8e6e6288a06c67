#include "edge/discovery.hpp"

#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/component.hpp"

using namespace perch;
using namespace perch::edge;
namespace ip = boost::asio::ip;

namespace {

net::Found found(const std::string& name, const std::string& address = "10.0.0.7", std::uint16_t port = 80) {
  return {name, name + ".local", {ip::make_address(address)}, port, {}};
}

Settings settings_of(std::string_view text) {
  const Registry& registry = test::all_components();
  auto settings = load_settings(text, "perch.toml", registry);
  REQUIRE(settings);
  return std::move(*settings);
}

std::string mistakes_of(std::string_view text) {
  const Registry& registry = test::all_components();
  const auto settings = load_settings(text, "perch.toml", registry);
  std::string all;
  if (!settings)
    for (const config::Diagnostic& diagnostic : settings.error().list()) all += diagnostic.message() + "\n";
  return all;
}

constexpr std::string_view kIndoor = "[[discover]]\nmatch = 'indoor-*'\npath = '/capture'\nevery = '2s'\n";

std::string text_of(const Camera& camera, std::string_view key) {
  const config::Node* node = camera.source.table.find(key);
  return node && node->text() ? *node->text() : "";
}

}  // namespace

TEST_CASE("nothing is looked for on the network until the configuration says so") {
  CHECK_FALSE(settings_of("").discovers());
  CHECK(settings_of(kIndoor).discovers());
  CHECK(settings_of("discovery = { enabled = true }").discovers());
  CHECK_FALSE(settings_of("discovery = { enabled = false }\n" + std::string(kIndoor)).discovers());
  CHECK(settings_of("").discovery.type == "_camera._tcp");
}

TEST_CASE("what is wrong with discovery is told like everything else") {
  CHECK(mistakes_of("discovery = { type = 'camera' }").find("_camera._tcp") != std::string::npos);
  CHECK(mistakes_of("[[discover]]\npath = '/jpg'\n").find("match") != std::string::npos);
  const auto both = [](std::string_view first, std::string_view second) {
    return mistakes_of(fmt::format("[[discover]]\nmatch = '{}'\n[[discover]]\nmatch = '{}'\n", first, second));
  };
  for (const auto& [first, second] : {std::pair{"a", "a"}, {"*", "cam-*"}, {"cam-*", "cam-a?"}, {"a?", "a?"}})
    CHECK(both(first, second).find(fmt::format("all that it fits, '{}' before it takes", first)) != std::string::npos);
  for (const auto& [first, second] : {std::pair{"cam-*", "*"}, {"a", "b"}, {"a?", "a*"}, {"a-*", "a*"}})
    CHECK(both(first, second).empty());
  CHECK(mistakes_of("[[discover]]\nmatch = '*'\npath = 'jpg'\n").find("does not begin with /") != std::string::npos);
  CHECK(mistakes_of("[[discover]]\nmatch = '*'\npasword = 'x'\n").find("'password'") != std::string::npos);
  CHECK(mistakes_of("[[discover]]\nmatch = '*'\nevery = '1ms'\n").find("every") != std::string::npos);
  CHECK(mistakes_of("[[discover]]\nmatch = '*'\n[[discover.task]]\nname = 'a'\nanalysis = { kind = 'detec' }\n")
            .find("did you mean 'detect'") != std::string::npos);
  const std::string twice = "[[discover.task]]\nname = 'a'\nmodel = 'm'\nanalysis = { kind = 'detect' }\n";
  CHECK(mistakes_of("[[discover]]\nmatch = '*'\n" + twice + twice).find("has this name already") != std::string::npos);
}

TEST_CASE("settings of discovery are written back as they were read") {
  const Settings settings = settings_of("discovery = { type = '_cam._tcp', enabled = false }\n" + std::string(kIndoor) +
                                        "user = 'u'\npassword = 'p'\n");
  const Registry& registry = test::all_components();
  const auto again = read_settings(write_settings(settings), registry);
  REQUIRE(again);
  CHECK(write_settings(*again) == write_settings(settings));
  CHECK(again->discover.at(0).password == "p");
  CHECK(again->discovery.enabled == false);
}

TEST_CASE("a found camera becomes one by the first block that fits, with the address and port it announces") {
  ManualClock clock;
  Discovery discovery(clock);
  const Settings settings =
      settings_of(std::string(kIndoor) + "[[discover]]\nmatch = '*'\nuser = 'u'\npassword = 'p'\n");
  discovery.heard(found("indoor-camera-1a2b", "10.0.0.7", 8081));
  discovery.heard(found("porch", "fd00::7", 80));
  const std::vector<Camera> cameras = discovery.cameras(settings);
  REQUIRE(cameras.size() == 2);
  CHECK(cameras[0].name.value == "indoor-camera-1a2b");
  CHECK(text_of(cameras[0], "kind") == "http");
  CHECK(text_of(cameras[0], "url") == "http://10.0.0.7:8081/capture");
  CHECK(cameras[0].every == Milliseconds(2000));
  CHECK(text_of(cameras[1], "url") == "http://[fd00::7]/jpg");
  // It is never sent credentials unless its own block has them.
  CHECK(text_of(cameras[0], "user").empty());
  CHECK(text_of(cameras[0], "password").empty());
  CHECK(text_of(cameras[1], "user") == "u");
  CHECK(text_of(cameras[1], "password") == "p");
}

TEST_CASE("a camera that no block fits waits, and so does one whose name is configured already") {
  ManualClock clock;
  Discovery discovery(clock);
  const Settings settings =
      settings_of(std::string(kIndoor) + "[[camera]]\nname = 'indoor-1'\nsource = { kind = 'folder', path = 'x' }\n");
  for (const char* name : {"indoor-1", "indoor-2", "outdoor-1"}) discovery.heard(found(name));
  CHECK(Discovery::fate("indoor-1", settings) == Fate::name_taken);
  CHECK(Discovery::fate("indoor-2", settings) == Fate::camera);
  CHECK(Discovery::fate("outdoor-1", settings) == Fate::not_configured);
  CHECK(discovery.cameras(settings).size() == 1);
  CHECK(all_cameras(settings, discovery).size() == 2);
  CHECK(discovery.cameras(settings_of("")).empty());
}

TEST_CASE("a camera that changes its address is the same camera at another address") {
  ManualClock clock;
  Discovery discovery(clock);
  const Settings settings = settings_of(kIndoor);
  discovery.heard(found("indoor-1", "10.0.0.7"));
  const Camera before = discovery.cameras(settings).at(0);
  discovery.heard(found("indoor-1", "10.0.0.8"));
  const Camera after = discovery.cameras(settings).at(0);
  CHECK(before.name == after.name);
  CHECK(write_camera(before) != write_camera(after));
}

TEST_CASE("a camera that has left stays one for a day, and may return") {
  ManualClock clock;
  Discovery discovery(clock);
  const Settings settings = settings_of(kIndoor);
  discovery.heard(found("indoor-1"));
  const UtcTime first = discovery.all().at("indoor-1").since;
  clock.advance(std::chrono::hours(1));
  discovery.left("indoor-1");
  CHECK(discovery.all().at("indoor-1").gone == clock.now());
  clock.advance(std::chrono::hours(23));
  CHECK_FALSE(discovery.forget_old());
  CHECK(discovery.cameras(settings).size() == 1);
  discovery.heard(found("indoor-1"));
  CHECK_FALSE(discovery.all().at("indoor-1").gone);
  CHECK(discovery.all().at("indoor-1").since > first);
  discovery.left("indoor-1");
  clock.advance(std::chrono::hours(24));
  CHECK(discovery.forget_old());
  CHECK(discovery.cameras(settings).empty());
}

TEST_CASE("every instance name becomes a name of its own, the same one every time") {
  CHECK(camera_name_from("indoor-camera-1a2b").value == "indoor-camera-1a2b");
  std::set<std::string> names;
  const std::vector<std::string> instances{"Front Door",
                                           "Front-Door",
                                           "Front  Door",
                                           "Front.Door",
                                           "Tür",
                                           "",
                                           "…",
                                           "perch",
                                           std::string(63, 'x') + "é",
                                           std::string(63, 'x') + "è"};
  for (const std::string& instance : instances) {
    const Name name = camera_name_from(instance);
    CHECK(config::TextForm<Name>::parse(name.value));
    CHECK(name == camera_name_from(instance));
    names.insert(name.value);
  }
  CHECK(names.size() == instances.size());
  CHECK_FALSE(names.contains("perch"));
  CHECK(camera_name_from("Front Door").value.starts_with("Front-Door-"));
}

TEST_CASE("nobody on the network can fill the memory") {
  ManualClock clock;
  Discovery discovery(clock);
  for (std::size_t i = 0; i < Discovery::kMostInstances + 50; ++i) discovery.heard(found("c" + std::to_string(i)));
  CHECK(discovery.all().size() == Discovery::kMostInstances);
  discovery.left("c0");
  discovery.heard(found("new"));
  CHECK(discovery.all().contains("new"));
  CHECK_FALSE(discovery.all().contains("c0"));
}

TEST_CASE("an address that holds on one link only is written with its link") {
  ip::address_v6 address = ip::make_address_v6("fe80::1");
  address.scope_id(2);
  CHECK(picture_url(address, 8081, "/jpg") == "http://[fe80::1%252]:8081/jpg");
}
