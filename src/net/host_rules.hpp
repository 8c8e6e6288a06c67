#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace perch::net {

/// `HOST`, `HOST:PORT`, `[::1]:PORT`. The host is lower case, without brackets and without a dot at its end.
struct Authority {
  std::string host;
  std::optional<std::uint16_t> port;
  bool operator==(const Authority&) const = default;
};

/// Errors: invalid. @thread any
Result<Authority> parse_authority(std::string_view text);

/// An address in the one form that all its spellings share: lower case, the shortest, an IPv4 address as such although
/// it came through an IPv6 socket (`::ffff:192.0.2.2`), without the network interface (`fe80::1%eth0`), which no
/// browser tells. What is no address: in lower case. @thread any
std::string canonical_host(std::string_view host);

/// Whether an entry of the allowed hosts can be met by a request: a name or an address without a port, or `*`.
/// Errors: invalid. @thread any
Result<void> check_allowed_host(std::string_view entry);

/// Whether an entry of the allowed origins can be met by a page: `SCHEME://HOST[:PORT]` as browsers send it, without a
/// path and without the scheme's own port, or `null`. Errors: invalid. @thread any
Result<void> check_allowed_origin(std::string_view entry);

/// Whose requests are answered: the defence against DNS rebinding and against pages of other sites, which holds on
/// loopback too, because a browser there opens any page. Pure. @thread any
class HostRules {
 public:
  /// @param listen_host     the host of the listen address
  /// @param allowed_hosts   further names under which people open this server; `*` allows all
  /// @param allowed_origins further pages that may use it: `https://panel.example`
  HostRules(std::string_view listen_host, std::vector<std::string> allowed_hosts,
            std::vector<std::string> allowed_origins);

  /// Allowed are loopback names and addresses, the listen address, the address that the connection came in on, and what
  /// is configured. The port is not looked at: a forwarded one is no danger. Errors: invalid, denied.
  /// One address is the same however it is written. @param local_address the connection's own address, without port
  Result<void> check_host(std::string_view host, std::string_view local_address) const;

  /// Allowed are the origin that is this server under the very name of `host`, and what is configured. An empty origin
  /// is allowed: no browser sent it. Errors: denied.
  Result<void> check_origin(std::string_view origin, std::string_view host) const;

  /// Whether pages of another site are allowed at all, and whether this is the origin of such a one.
  bool allows_others() const { return !allowed_origins_.empty(); }

  bool is_allowed_other(std::string_view origin) const;

 private:
  std::string listen_host_;
  std::vector<std::string> allowed_hosts_, allowed_origins_;
};

}  // namespace perch::net
