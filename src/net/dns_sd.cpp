#include "net/dns_sd.hpp"

#include <algorithm>
#include <mutex>

#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <avahi-common/strlst.h>
#include <avahi-core/log.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/dns_sd_impl.hpp"

namespace perch::net {

namespace {

/// Records kept of each network: 64 cameras have about 400.
constexpr unsigned kMostCachedRecords = 16'384;

/// Everything that Avahi has to say is about other machines or about its own doings.
void log_line(AvahiLogLevel /*level*/, const char* line) {
  log::debug("dns-sd: {}", printable(line));
}

/// Names of interfaces that are up.
std::vector<std::string> interfaces_up() {
  std::vector<std::string> names;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return names;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next)
    if ((at->ifa_flags & IFF_UP) != 0 && at->ifa_addr != nullptr) names.emplace_back(at->ifa_name);
  ::freeifaddrs(list);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

Result<void> check_interfaces(const std::vector<std::string>& wanted) {
  const std::vector<std::string> up = wanted.empty() ? std::vector<std::string>() : interfaces_up();
  for (const std::string& name : wanted)
    if (std::ranges::find(up, name) == up.end())
      return fail(Errc::not_found, fmt::format("there is no network interface '{}' that is up", printable(name, 60)),
                  "DNS-SD", fmt::format("those that are up: {}", up.empty() ? "none" : join(up, ", ")));
  return {};
}

}  // namespace

Error avahi_error(AvahiServer* server, std::string_view doing) {
  const int number = avahi_server_errno(server);
  const Errc code = number == AVAHI_ERR_COLLISION ? Errc::exists : Errc::io;
  return {code, fmt::format("{}: {}", doing, avahi_strerror(number)), "DNS-SD", {}};
}

Result<void> check_service_type(std::string_view type) {
  if (avahi_is_valid_service_type_strict(std::string(type).c_str()) != 0) return {};
  return fail(Errc::invalid, fmt::format("'{}' is not a type of service", printable(type, 60)), {},
              "types are like \"_camera._tcp\"");
}

Result<std::unique_ptr<DnsSd>> DnsSd::create(asio::any_io_executor executor,
                                             const std::vector<std::string>& interfaces) {
  PERCH_CHECK(check_interfaces(interfaces));
  static std::once_flag once;
  std::call_once(once, [] { avahi_set_log_function(&log_line); });
  auto impl = std::make_shared<Impl>(std::move(executor));
  impl->interfaces = interfaces;
  AvahiServerConfig config;
  avahi_server_config_init(&config);
  config.use_ipv4 = config.use_ipv6 = 1;
  // The name of this machine is not ours to publish: whoever else runs here does, and we would collide.
  config.publish_hinfo = config.publish_addresses = config.publish_workstation = config.publish_domain = 0;
  config.enable_wide_area = 0;
  config.disallow_other_stacks = 0;
  config.n_cache_entries_max = kMostCachedRecords;
  config.ratelimit_interval = 0;
  for (const std::string& name : interfaces)
    config.allow_interfaces = avahi_string_list_add(config.allow_interfaces, name.c_str());
  int error = 0;
  const auto ignore_state = [](AvahiServer*, AvahiServerState, void*) {};
  impl->server = avahi_server_new(impl->poll.api(), &config, ignore_state, nullptr, &error);
  avahi_server_config_free(&config);
  if (impl->server == nullptr)
    return fail(Errc::io, fmt::format("cannot use multicast DNS: {}", avahi_strerror(error)), "UDP port 5353",
                "see that a program which holds the port shares it");
  return std::unique_ptr<DnsSd>(new DnsSd(std::move(impl)));
}

DnsSd::DnsSd(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

DnsSd::~DnsSd() = default;

Result<DnsSd::Browser> DnsSd::browse(const std::string& type, BrowseEvents events) {
  PERCH_CHECK(check_service_type(type));
  return make_browser(impl_, type, std::move(events));
}

Result<DnsSd::Announcement> DnsSd::announce(Service service) {
  PERCH_CHECK(check_service_type(service.type));
  return make_announcement(impl_, std::move(service));
}

}  // namespace perch::net
