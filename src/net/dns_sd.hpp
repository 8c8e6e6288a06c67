#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include "base/result.hpp"

namespace perch::net {

namespace asio = boost::asio;

/// Key and value of each entry; an entry without `=` has an empty value.
using TxtEntries = std::vector<std::pair<std::string, std::string>>;

/// A service that somebody announces. What stands here comes from the network: nothing of it is trusted.
struct Found {
  std::string name;  ///< the instance name, decoded: at most 63 bytes, any of them
  std::string host;  ///< `indoor-camera-1a2b.local`: for people, as `unescape_dns_name` makes it
  /// Where it answers, the best first: IPv4, IPv6, then those that hold on one link only (with their interface); of
  /// each kind the one heard last. Never empty.
  std::vector<asio::ip::address> addresses;
  std::uint16_t port = 0;
  TxtEntries txt;
  bool operator==(const Found&) const = default;
};

/// Hears what comes and goes; `name` is the instance name. Called from the event loop, never from within a call of
/// ours, and not after the browser is destroyed. None may be empty.
struct BrowseEvents {
  std::function<void(const Found&)> appeared;
  std::function<void(const Found&)> changed;  ///< its address, port or text
  std::function<void(const std::string& name)> gone;
};

/// A service to announce on the networks that its `DnsSd` uses.
struct Service {
  std::string name;  ///< the wanted instance name, which is the host name's first part too: letters, digits, -
  std::string type;  ///< `_camera._tcp`
  std::uint16_t port = 0;
  TxtEntries txt;
};

/// DNS-SD over multicast DNS within this process: needs no system daemon, and runs beside one and beside other
/// processes that do the same. Nothing is sent before something is browsed or announced.
/// Source: RFC 6762, RFC 6763. @thread io
class DnsSd {
 public:
  struct Impl;

  /// Watches one type of service as long as it lives.
  ///
  /// A goodbye makes a service gone at once (RFC 6762 lets a second pass); without one it is gone when its records have
  /// run out, 120 s after they were last heard, and comes again when it is heard again.
  class Browser {
   public:
    struct Impl;
    explicit Browser(std::unique_ptr<Impl> impl);
    ~Browser();
    Browser(Browser&&) noexcept;
    Browser& operator=(Browser&&) noexcept;

   private:
    std::unique_ptr<Impl> impl_;
  };

  /// Announces one service as long as it lives; says goodbye when it is destroyed. Follows the addresses of this
  /// machine. When the name is taken on the network it becomes `NAME-2`, and so on.
  class Announcement {
   public:
    struct Impl;
    explicit Announcement(std::unique_ptr<Impl> impl);
    ~Announcement();
    Announcement(Announcement&&) noexcept;
    Announcement& operator=(Announcement&&) noexcept;

    /// The name as it is announced now.
    const std::string& name() const;
    /// Whether it stands on the network: probed, and nobody else has the name.
    bool established() const;

   private:
    std::unique_ptr<Impl> impl_;
  };

  /// Opens the sockets. The executor runs one thread and outlives this.
  /// @param interfaces  only on these, by name (`eth0`); none: on every network of this machine. On `lo` programs of
  ///                    this machine find each other, without any network and unheard by anybody else: it is used only
  ///                    when it is named
  /// Errors: not_found (no such interface, or it is down), io (no network can be used at all).
  static Result<std::unique_ptr<DnsSd>> create(asio::any_io_executor executor,
                                               const std::vector<std::string>& interfaces = {});

  /// Browsers and announcements are destroyed before. Goodbyes are sent before this returns.
  ~DnsSd();
  DnsSd(const DnsSd&) = delete;
  DnsSd& operator=(const DnsSd&) = delete;

  /// Errors: invalid (no type like `_camera._tcp`), io.
  Result<Browser> browse(const std::string& type, BrowseEvents events);

  /// Errors: invalid (the type, or a name that is none), io.
  Result<Announcement> announce(Service service);

 private:
  explicit DnsSd(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// Errors: invalid, with the form of a type. @thread any
Result<void> check_service_type(std::string_view type);

}  // namespace perch::net
