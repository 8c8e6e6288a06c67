#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace perch::net {

/// A host and maybe a port as they are written. Both are parts of the text that was taken apart.
struct HostPort {
  std::string_view host;                 ///< without brackets
  std::optional<std::string_view> port;  ///< what stands after the colon, whatever it is
  bool bracketed = false;                ///< as an IPv6 address must be
};

/// Takes `camera`, `camera:80`, `[fe80::1]` and `[fe80::1]:80` apart, at the last colon. Nothing when a bracket stays
/// open, or when something other than a port follows it. What host and port are worth is the caller's to say: a host
/// without brackets may hold colons. @thread any
std::optional<HostPort> split_host_port(std::string_view text);

/// The authority of an address, split: `//user:password@camera:80/path` has `camera` and `80`. Takes what follows the
/// scheme. Nothing as in `split_host_port`. @thread any
std::optional<HostPort> host_port_of_url(std::string_view after_scheme);

/// A port: digits alone, 0 to 65535. @thread any
std::optional<std::uint16_t> parse_port(std::string_view digits);

}  // namespace perch::net
