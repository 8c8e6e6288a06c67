#pragma once
#include <memory>
#include <string>
#include <vector>

#include <avahi-core/core.h>

#include "net/avahi_poll_impl.hpp"
#include "net/dns_sd.hpp"

namespace perch::net {

/// Avahi's server: its sockets, its cache, its records. Shared by browsers and announcements.
struct DnsSd::Impl {
  explicit Impl(asio::any_io_executor executor) : poll(std::move(executor)) {}

  ~Impl() {
    if (server != nullptr) avahi_server_free(server);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  AvahiAsioPoll poll;
  std::vector<std::string> interfaces;  ///< used only; none: all but loopback
  AvahiServer* server = nullptr;
};

/// What Avahi says of its latest failure.
Error avahi_error(AvahiServer* server, std::string_view doing);

Result<DnsSd::Browser> make_browser(std::shared_ptr<DnsSd::Impl> dns_sd, const std::string& type, BrowseEvents events);
Result<DnsSd::Announcement> make_announcement(std::shared_ptr<DnsSd::Impl> dns_sd, Service service);

}  // namespace perch::net
