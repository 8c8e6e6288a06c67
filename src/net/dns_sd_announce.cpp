// Announcing: the records of a service, and of a host name of its own with the addresses of this machine.
#include <algorithm>
#include <cstring>
#include <utility>

#include <avahi-common/alternative.h>
#include <avahi-common/domain.h>
#include <avahi-common/malloc.h>
#include <avahi-common/strlst.h>
#include <avahi-core/publish.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/dns_sd_impl.hpp"

namespace perch::net {

namespace {

/// How often the machine's addresses are looked at.
constexpr std::chrono::seconds kLookEvery{1};
/// Names that are tried when this process has taken those before.
constexpr int kMostNames = 1000;

/// An address of this machine.
using OwnAddress = std::pair<int, asio::ip::address>;  // interface index

/// Whether to announce there: on the interfaces that were named, else wherever others can hear us.
bool is_wanted(const ifaddrs& entry, const std::vector<std::string>& interfaces) {
  if (entry.ifa_addr == nullptr || (entry.ifa_flags & IFF_UP) == 0) return false;
  if (!interfaces.empty()) return std::ranges::find(interfaces, entry.ifa_name) != interfaces.end();
  return (entry.ifa_flags & IFF_MULTICAST) != 0 && (entry.ifa_flags & IFF_LOOPBACK) == 0;
}

std::vector<OwnAddress> own_addresses(const std::vector<std::string>& interfaces) {
  std::vector<OwnAddress> own;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return own;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (!is_wanted(*at, interfaces)) continue;
    const int interface = static_cast<int>(::if_nametoindex(at->ifa_name));
    if (at->ifa_addr->sa_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, at->ifa_addr, sizeof v4);
      own.emplace_back(interface, asio::ip::address_v4(ntohl(v4.sin_addr.s_addr)));
    } else if (at->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, at->ifa_addr, sizeof v6);
      asio::ip::address_v6::bytes_type bytes;
      std::copy_n(v6.sin6_addr.s6_addr, bytes.size(), bytes.begin());
      own.emplace_back(interface, asio::ip::address_v6(bytes));
    }
  }
  ::freeifaddrs(list);
  std::ranges::sort(own);
  return own;
}

AvahiAddress avahi_address(const asio::ip::address& address) {
  AvahiAddress result{};
  if (address.is_v4()) {
    result.proto = AVAHI_PROTO_INET;
    const auto bytes = address.to_v4().to_bytes();
    std::memcpy(&result.data.ipv4.address, bytes.data(), bytes.size());
  } else {
    result.proto = AVAHI_PROTO_INET6;
    std::ranges::copy(address.to_v6().to_bytes(), static_cast<std::uint8_t*>(result.data.ipv6.address));
  }
  return result;
}

}  // namespace

struct DnsSd::Announcement::Impl {
  Impl(std::shared_ptr<DnsSd::Impl> its_dns_sd, Service its_service)
      : dns_sd(std::move(its_dns_sd)),
        service(std::move(its_service)),
        name(service.name),
        timer(dns_sd->poll.executor()),
        alive(std::make_shared<bool>(true)) {}

  ~Impl() {
    *alive = false;
    if (group != nullptr) avahi_s_entry_group_free(group);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  static void on_state(AvahiServer*, AvahiSEntryGroup*, AvahiEntryGroupState state, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    if (state != AVAHI_ENTRY_GROUP_COLLISION) return;
    // Not from within: the group is in use.
    asio::post(impl.dns_sd->poll.executor(), [&impl, still = impl.alive] {
      if (*still) impl.rename();
    });
  }

  void rename() {
    take_other_name();
    publish();
  }

  void take_other_name() {
    char* other = avahi_alternative_host_name(name.c_str());
    log::info("dns-sd: the name '{}' is taken, now '{}'", printable(name), printable(other));
    name = other;
    avahi_free(other);
  }

  void publish() {
    avahi_s_entry_group_reset(group);
    addresses = own_addresses(dns_sd->interfaces);
    if (addresses.empty()) return;
    for (int taken = 0; taken < kMostNames; ++taken) {
      const Result<void> done = fill();
      if (done) {
        avahi_s_entry_group_commit(group);
        return;
      }
      avahi_s_entry_group_reset(group);
      // What this process announces itself is known at once; others' names only after a while, by `on_state`.
      if (done.error().code != Errc::exists) {
        log::warning("dns-sd: '{}' is not announced: {}", printable(name), done.error().message());
        return;
      }
      take_other_name();
    }
    log::warning("dns-sd: '{}' is not announced: every name like it is taken", printable(service.name));
  }

  Result<void> fill() {
    const std::string host = name + ".local";
    for (const auto& [interface, own] : addresses) {
      AvahiAddress address = avahi_address(own);
      if (avahi_server_add_address(dns_sd->server, group, interface, AVAHI_PROTO_UNSPEC, AVAHI_PUBLISH_NO_REVERSE,
                                   host.c_str(), &address) < 0)
        return fail(avahi_error(dns_sd->server, "cannot announce an address"));
    }
    AvahiStringList* txt = nullptr;
    for (const auto& [key, value] : service.txt) txt = avahi_string_list_add_pair(txt, key.c_str(), value.c_str());
    const int added = avahi_server_add_service_strlst(dns_sd->server, group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
                                                      AVAHI_PUBLISH_NO_COOKIE, name.c_str(), service.type.c_str(),
                                                      nullptr, host.c_str(), service.port, txt);
    avahi_string_list_free(txt);
    if (added < 0) return fail(avahi_error(dns_sd->server, "cannot announce a service"));
    return {};
  }

  /// Follows the machine's addresses.
  void watch() {
    timer.expires_after(kLookEvery);
    timer.async_wait([this, still = alive](const boost::system::error_code& error) {
      if (error || !*still) return;
      if (own_addresses(dns_sd->interfaces) != addresses) publish();
      watch();
    });
  }

  std::shared_ptr<DnsSd::Impl> dns_sd;
  Service service;
  std::string name;
  std::vector<OwnAddress> addresses;
  AvahiSEntryGroup* group = nullptr;
  asio::steady_timer timer;
  std::shared_ptr<bool> alive;
};

Result<DnsSd::Announcement> make_announcement(std::shared_ptr<DnsSd::Impl> dns_sd, Service service) {
  if (avahi_is_valid_host_name(service.name.c_str()) == 0 || service.name.find('.') != std::string::npos)
    return fail(Errc::invalid, fmt::format("'{}' cannot be announced", printable(service.name, 80)), {},
                "names have letters, digits and -, 63 at most");
  auto impl = std::make_unique<DnsSd::Announcement::Impl>(std::move(dns_sd), std::move(service));
  AvahiServer* server = impl->dns_sd->server;
  impl->group = avahi_s_entry_group_new(server, &DnsSd::Announcement::Impl::on_state, impl.get());
  if (impl->group == nullptr) return fail(avahi_error(server, "cannot announce"));
  impl->publish();
  impl->watch();
  return DnsSd::Announcement(std::move(impl));
}

DnsSd::Announcement::Announcement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DnsSd::Announcement::~Announcement() = default;
DnsSd::Announcement::Announcement(Announcement&&) noexcept = default;
DnsSd::Announcement& DnsSd::Announcement::operator=(Announcement&&) noexcept = default;

const std::string& DnsSd::Announcement::name() const {
  return impl_->name;
}

bool DnsSd::Announcement::established() const {
  return avahi_s_entry_group_get_state(impl_->group) == AVAHI_ENTRY_GROUP_ESTABLISHED;
}

}  // namespace perch::net
