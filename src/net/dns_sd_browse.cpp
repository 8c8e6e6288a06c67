// Browsing: which instances there are, and what the records of each say at the moment.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <avahi-common/domain.h>
#include <avahi-common/malloc.h>
#include <avahi-core/lookup.h>
#include <avahi-core/rr.h>
#include <boost/asio/steady_timer.hpp>

#include "net/dns_name.hpp"
#include "net/dns_sd_impl.hpp"

namespace perch::net {

namespace {

/// The records of a service come in one packet or a few; what they make together is told once.
constexpr std::chrono::milliseconds kSettle{20};

/// Where a record was heard.
using Link = std::pair<AvahiIfIndex, AvahiProtocol>;

/// The records of one name and type that hold now, the one heard last first.
template <class T>
class Records {
 public:
  void heard(const Link& link, T value) {
    lost(link, value);
    all_.emplace(all_.begin(), link, std::move(value));
  }

  void lost(const Link& link, const T& value) {
    std::erase_if(all_, [&](const auto& entry) { return entry.first == link && entry.second == value; });
  }

  bool empty() const { return all_.empty(); }

  /// The one heard last. @pre not empty
  const T& last() const { return all_.front().second; }

  const std::vector<std::pair<Link, T>>& all() const { return all_; }

 private:
  std::vector<std::pair<Link, T>> all_;
};

struct ServiceAddress {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const ServiceAddress&) const = default;
};

/// Asks for the records of one name and type, as long as it lives.
class RecordWatch {
 public:
  using Heard = std::function<void(const Link& link, bool there, const AvahiRecord& record)>;

  RecordWatch(AvahiServer* server, const std::string& name, std::uint16_t type, Heard heard)
      : heard_(std::move(heard)) {
    AvahiKey* key = avahi_key_new(name.c_str(), AVAHI_DNS_CLASS_IN, type);
    if (key == nullptr) return;
    browser_ = avahi_s_record_browser_new(server, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, key, AVAHI_LOOKUP_USE_MULTICAST,
                                          &on_event, this);
    avahi_key_unref(key);
  }

  ~RecordWatch() {
    if (browser_ != nullptr) avahi_s_record_browser_free(browser_);
  }

  RecordWatch(const RecordWatch&) = delete;
  RecordWatch& operator=(const RecordWatch&) = delete;

 private:
  static void on_event(AvahiSRecordBrowser*, AvahiIfIndex interface, AvahiProtocol protocol, AvahiBrowserEvent event,
                       AvahiRecord* record, AvahiLookupResultFlags, void* self) {
    if (event != AVAHI_BROWSER_NEW && event != AVAHI_BROWSER_REMOVE) return;
    static_cast<RecordWatch*>(self)->heard_({interface, protocol}, event == AVAHI_BROWSER_NEW, *record);
  }

  Heard heard_;
  AvahiSRecordBrowser* browser_ = nullptr;
};

/// The scope matters for addresses that hold on one link only.
asio::ip::address address_of(const AvahiRecord& record, AvahiIfIndex interface) {
  if (record.key->type == AVAHI_DNS_TYPE_A) {
    asio::ip::address_v4::bytes_type bytes;
    std::copy_n(reinterpret_cast<const unsigned char*>(&record.data.a.address.address), bytes.size(), bytes.begin());
    return asio::ip::address_v4(bytes);
  }
  asio::ip::address_v6::bytes_type bytes;
  std::copy_n(record.data.aaaa.address.address, bytes.size(), bytes.begin());
  asio::ip::address_v6 address(bytes);
  if (address.is_link_local()) address.scope_id(static_cast<unsigned long>(interface));
  return address;
}

constexpr int kLeastPreferred = 3;

/// 0 is the best.
int preference(const asio::ip::address& address) {
  constexpr std::uint32_t kLinkLocal = 0xA9FE0000;  // 169.254.0.0/16
  if (address.is_v4()) return (address.to_v4().to_uint() & 0xFFFF0000) == kLinkLocal ? 2 : 0;
  return address.to_v6().is_link_local() ? kLeastPreferred : 1;
}

TxtEntries text_of(AvahiStringList* list) {
  TxtEntries entries;
  for (; list != nullptr; list = list->next) {
    const std::string_view entry(reinterpret_cast<const char*>(list->text), list->size);
    const std::size_t equals = entry.find('=');
    if (entry.empty() || equals == 0) continue;  // RFC 6763 section 6.4: to be ignored
    entries.emplace_back(entry.substr(0, equals),
                         equals == std::string_view::npos ? std::string_view() : entry.substr(equals + 1));
  }
  std::ranges::reverse(entries);  // Avahi keeps them from the last
  return entries;
}

/// One instance: what is known of it, and the questions that keep it known.
class Instance {
 public:
  /// @param changed  called whenever a record came or went
  Instance(DnsSd::Impl& dns_sd, std::string name, const std::string& type, const std::string& domain,
           std::function<void()> changed)
      : dns_sd_(dns_sd),
        name_(std::move(name)),
        changed_(std::move(changed)) {
    std::array<char, AVAHI_DOMAIN_NAME_MAX> full{};
    if (avahi_service_name_join(full.data(), full.size(), name_.c_str(), type.c_str(), domain.c_str()) < 0) return;
    const std::string whole = full.data();
    target_watch_ = watch(whole, AVAHI_DNS_TYPE_SRV);
    text_watch_ = watch(whole, AVAHI_DNS_TYPE_TXT);
  }

  std::set<Link> links;       ///< where its name was heard
  std::optional<Found> told;  ///< as its listener knows it

  /// What its records make together; nothing while some are missing.
  std::optional<Found> found() const {
    if (links.empty() || targets_.empty() || addresses_.empty()) return std::nullopt;
    Found found{name_, unescape_dns_name(targets_.last().host), {}, targets_.last().port, {}};
    if (!texts_.empty()) found.txt = texts_.last();
    for (int wanted = 0; wanted <= kLeastPreferred; ++wanted)
      for (const auto& [link, address] : addresses_.all())
        if (preference(address) == wanted && std::ranges::find(found.addresses, address) == found.addresses.end())
          found.addresses.push_back(address);
    return found;
  }

 private:
  std::unique_ptr<RecordWatch> watch(const std::string& name, std::uint16_t type) {
    return std::make_unique<RecordWatch>(
        dns_sd_.server, name, type,
        [this](const Link& link, bool there, const AvahiRecord& record) { heard(link, there, record); });
  }

  void heard(const Link& link, bool there, const AvahiRecord& record) {
    const auto note = [&]<class T>(Records<T>& records, T value) {
      if (there)
        records.heard(link, std::move(value));
      else
        records.lost(link, value);
    };
    switch (record.key->type) {
      case AVAHI_DNS_TYPE_SRV:
        note(targets_, ServiceAddress{record.data.srv.name, record.data.srv.port});
        look_for_host();
        break;
      case AVAHI_DNS_TYPE_TXT:
        note(texts_, text_of(record.data.txt.string_list));
        break;
      default:
        note(addresses_, address_of(record, link.first));
        break;
    }
    changed_();
  }

  void look_for_host() {
    if (targets_.empty() || targets_.last().host == host_) return;
    host_ = targets_.last().host;
    addresses_ = {};
    ipv4_watch_ = watch(host_, AVAHI_DNS_TYPE_A);
    ipv6_watch_ = watch(host_, AVAHI_DNS_TYPE_AAAA);
  }

  DnsSd::Impl& dns_sd_;
  std::string name_, host_;
  std::function<void()> changed_;
  Records<ServiceAddress> targets_;
  Records<TxtEntries> texts_;
  Records<asio::ip::address> addresses_;
  std::unique_ptr<RecordWatch> target_watch_, text_watch_, ipv4_watch_, ipv6_watch_;
};

}  // namespace

struct DnsSd::Browser::Impl {
  Impl(std::shared_ptr<DnsSd::Impl> its_dns_sd, BrowseEvents its_events)
      : dns_sd(std::move(its_dns_sd)),
        events(std::move(its_events)),
        settled(dns_sd->poll.executor()),
        alive(std::make_shared<bool>(true)) {}

  ~Impl() {
    *alive = false;
    instances.clear();
    if (browser != nullptr) avahi_s_service_browser_free(browser);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  static void on_event(AvahiSServiceBrowser*, AvahiIfIndex interface, AvahiProtocol protocol, AvahiBrowserEvent event,
                       const char* name, const char* type, const char* domain, AvahiLookupResultFlags, void* self) {
    if (name == nullptr) return;  // about browsing as such
    static_cast<Impl*>(self)->heard({interface, protocol}, event == AVAHI_BROWSER_NEW, name, type, domain);
  }

  void heard(const Link& link, bool there, const std::string& name, const char* type, const char* domain) {
    auto found = instances.find(name);
    if (there && found == instances.end()) {
      auto fresh = std::make_unique<Instance>(*dns_sd, name, type, domain, [this, name] { touch(name); });
      found = instances.emplace(name, std::move(fresh)).first;
    }
    if (found == instances.end()) return;
    if (there)
      found->second->links.insert(link);
    else
      found->second->links.erase(link);
    touch(name);
  }

  void touch(const std::string& name) {
    touched.insert(name);
    if (std::exchange(settling, true)) return;
    settled.expires_after(kSettle);
    settled.async_wait([this, still = alive](const boost::system::error_code& error) {
      if (error || !*still) return;
      settling = false;
      tell();
    });
  }

  /// Tells what has become of the touched ones. Whoever is told may destroy us.
  void tell() {
    const auto still_there = alive;
    for (const std::string& name : std::exchange(touched, {})) {
      const auto instance = instances.find(name);
      if (instance == instances.end()) continue;
      const std::optional<Found> now = instance->second->found();
      const std::optional<Found> before = std::exchange(instance->second->told, now);
      if (instance->second->links.empty()) instances.erase(instance);
      if (now == before) continue;
      if (!now)
        events.gone(name);
      else if (!before)
        events.appeared(*now);
      else
        events.changed(*now);
      if (!*still_there) return;
    }
  }

  std::shared_ptr<DnsSd::Impl> dns_sd;
  BrowseEvents events;
  AvahiSServiceBrowser* browser = nullptr;
  std::map<std::string, std::unique_ptr<Instance>> instances;
  std::set<std::string> touched;
  asio::steady_timer settled;
  bool settling = false;
  std::shared_ptr<bool> alive;
};

Result<DnsSd::Browser> make_browser(std::shared_ptr<DnsSd::Impl> dns_sd, const std::string& type, BrowseEvents events) {
  auto impl = std::make_unique<DnsSd::Browser::Impl>(std::move(dns_sd), std::move(events));
  AvahiServer* server = impl->dns_sd->server;
  impl->browser = avahi_s_service_browser_new(server, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, type.c_str(), nullptr,
                                              AVAHI_LOOKUP_USE_MULTICAST, &DnsSd::Browser::Impl::on_event, impl.get());
  if (impl->browser == nullptr) return fail(avahi_error(server, "cannot browse"));
  return DnsSd::Browser(std::move(impl));
}

DnsSd::Browser::Browser(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DnsSd::Browser::~Browser() = default;
DnsSd::Browser::Browser(Browser&&) noexcept = default;
DnsSd::Browser& DnsSd::Browser::operator=(Browser&&) noexcept = default;

}  // namespace perch::net
