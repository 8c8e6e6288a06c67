// How the daemon finds cameras by itself. What is found is planned and taken up like what is configured.
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/daemon_impl.hpp"

namespace perch::edge {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kBrowseAgainAfter = 10s;

}  // namespace

/// A block whose tasks cannot be made is a mistake of the configuration, and not one of the camera that is found.
Result<void> Daemon::check_blocks(const Configuration& wanted) {
  const net::Found sample{"sample", "sample.local", {asio::ip::address_v4::loopback()}, 80, {}};
  for (const Discover& block : wanted.settings.discover) {
    auto planned = plan_camera(discovered_camera(block, sample), wanted.models, registry_, source_context());
    if (!planned) return fail(planned.error().at(fmt::format("discover '{}'", printable(block.match, 60))));
  }
  return {};
}

void Daemon::take_up_discovery() {
  const Settings& settings = current_.settings;
  std::optional<DiscoverySettings> wanted;
  if (settings.discovers()) wanted = settings.discovery;
  if (wanted == browsed_ && !browse_again_) return;
  browsed_ = wanted;
  browse_again_.reset();
  browser_.reset();
  dns_sd_.reset();
  const std::string told = discovery_.trouble();
  discovery_.clear();
  refresh_discovered();
  if (!wanted) return;
  if (const Result<void> browsing = browse(*wanted); !browsing) {
    browsed_.reset();
    browse_again_ = clock_.monotonic() + kBrowseAgainAfter;  // an interface may come up after us
    discovery_.failed(browsing.error().message());
    if (discovery_.trouble() == told) return;
    events_.write(log::Level::error, "discovery.failed", wanted->type, {{"reason", discovery_.trouble()}});
    live_->changed();
    return;
  }
  if (!told.empty()) live_->changed();
  events_.write(log::Level::info, "discovery.started", wanted->type, {{"type", wanted->type}});
}

void Daemon::try_discovery_again() {
  if (browse_again_ && clock_.monotonic() >= *browse_again_) take_up_discovery();
}

Result<void> Daemon::browse(const DiscoverySettings& wanted) {
  PERCH_TRY(dns_sd_, net::DnsSd::create(io_.get_executor(), wanted.interfaces));
  net::BrowseEvents events;
  events.appeared = [this](const net::Found& found) { on_found(found, true); };
  events.changed = [this](const net::Found& found) { on_found(found, false); };
  events.gone = [this](const std::string& instance) { on_left(instance); };
  PERCH_TRY(net::DnsSd::Browser browser, dns_sd_->browse(wanted.type, std::move(events)));
  browser_ = std::make_unique<net::DnsSd::Browser>(std::move(browser));
  return {};
}

void Daemon::on_found(const net::Found& found, bool appeared) {
  discovery_.heard(found);
  const std::string address = picture_url(found.addresses.front(), found.port, "");
  events_.write(log::Level::info, appeared ? "discovery.found" : "discovery.changed", found.name,
                {{"instance", printable(found.name)}, {"address", address}});
  refresh_discovered();
  if (!appeared || Discovery::fate(found.name, current_.settings) != Fate::camera) return;
  if (pipeline::Camera* camera = cameras_->find({camera_name_from(found.name).value})) camera->announced();
}

void Daemon::on_left(const std::string& instance) {
  discovery_.left(instance);
  events_.write(log::Level::info, "discovery.left", instance, {{"instance", printable(instance)}});
  if (Discovery::fate(instance, current_.settings) != Fate::camera) return;
  if (pipeline::Camera* camera = cameras_->find({camera_name_from(instance).value}))
    camera->withdrawn("it has left the network");
}

void Daemon::refresh_discovered() {
  Change change;
  if (const Result<void> planned = plan_cameras(current_, change); !planned) {
    events_.write(log::Level::error, "discovery.refused", "discovery", {{"reason", planned.error().message()}});
    return;
  }
  if (change.cameras.empty() && change.gone.empty()) return;
  take_up_cameras(current_, std::move(change));
  streams_->changed();
  live_->changed();
}

void Daemon::end_discovery() {
  browser_.reset();
  dns_sd_.reset();
}

}  // namespace perch::edge
