#include "edge/discovery.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/glob.hpp"

namespace perch::edge {

void Discovery::heard(const net::Found& found) {
  const auto known = instances_.find(found.name);
  if (known != instances_.end()) {
    if (known->second.gone) known->second.since = clock_.now();
    known->second.gone.reset();
    known->second.found = found;
    return;
  }
  if (instances_.size() >= kMostInstances)
    std::erase_if(instances_, [](const auto& entry) { return entry.second.gone.has_value(); });
  if (instances_.size() < kMostInstances) instances_.emplace(found.name, Instance{found, clock_.now(), std::nullopt});
}

void Discovery::left(const std::string& instance) {
  const auto known = instances_.find(instance);
  if (known != instances_.end()) known->second.gone = clock_.now();
}

bool Discovery::forget_old() {
  const UtcTime now = clock_.now();
  const auto is_old = [&](const auto& entry) { return entry.second.gone && now - *entry.second.gone >= kGoneStaysFor; };
  return std::erase_if(instances_, is_old) > 0;
}

const Discover* Discovery::block_for(std::string_view instance, const Settings& settings) {
  const auto fits = [&](const Discover& block) { return glob_matches(block.match, instance); };
  const auto found = std::ranges::find_if(settings.discover, fits);
  return found == settings.discover.end() ? nullptr : &*found;
}

Fate Discovery::fate(const std::string& instance, const Settings& settings) {
  if (block_for(instance, settings) == nullptr) return Fate::not_configured;
  const Name name = camera_name_from(instance);
  const bool taken = std::ranges::find(settings.cameras, name, &Camera::name) != settings.cameras.end();
  return taken ? Fate::name_taken : Fate::camera;
}

std::vector<Camera> Discovery::cameras(const Settings& settings) const {
  std::vector<Camera> cameras;
  if (!settings.discovers()) return cameras;
  for (const auto& [name, instance] : instances_)
    if (fate(name, settings) == Fate::camera)
      cameras.push_back(discovered_camera(*block_for(name, settings), instance.found));
  return cameras;
}

Camera discovered_camera(const Discover& block, const net::Found& found) {
  Camera camera;
  camera.name = camera_name_from(found.name);
  config::Node source{config::Table{}};
  source.set("kind", config::Node{std::string("http")});
  source.set("url", config::Node{picture_url(found.addresses.front(), found.port, block.path)});
  if (!block.user.empty()) source.set("user", config::Node{block.user});
  if (!block.password.empty()) source.set("password", config::Node{block.password});
  camera.source = {std::move(source)};
  camera.every = block.every;
  camera.gate = block.gate;
  camera.health = block.health;
  camera.tasks = block.tasks;
  return camera;
}

std::string picture_url(const net::asio::ip::address& address, std::uint16_t port, std::string_view path) {
  std::string host = address.to_string();
  if (address.is_v6()) {
    // RFC 6874: the zone of a link-local address is set off by an escaped percent sign.
    if (const std::size_t zone = host.find('%'); zone != std::string::npos)
      host = fmt::format("{}%25{}", host.substr(0, zone), address.to_v6().scope_id());
    host = fmt::format("[{}]", host);
  }
  return port == 80 ? fmt::format("http://{}{}", host, path) : fmt::format("http://{}:{}{}", host, port, path);
}

std::vector<Camera> all_cameras(const Settings& settings, const Discovery& discovery) {
  std::vector<Camera> all = settings.cameras;
  std::ranges::move(discovery.cameras(settings), std::back_inserter(all));
  return all;
}

const Discover* covering_block(std::span<const Discover> blocks, std::size_t index) {
  const std::string& match = blocks[index].match;
  for (const Discover& before : blocks.first(index)) {
    // A ? would take the other's * for one character.
    const bool covers = before.match.find('?') == std::string::npos && glob_matches(before.match, match);
    if (!before.match.empty() && (covers || before.match == match)) return &before;
  }
  return nullptr;
}

}  // namespace perch::edge
