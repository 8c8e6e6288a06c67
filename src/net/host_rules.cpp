#include "net/host_rules.hpp"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "base/text.hpp"
#include "net/host_port.hpp"

namespace perch::net {

namespace {

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
}

/// 127.a.b.c, and nothing that only starts like it: 127.0.0.1.evil.example is a name.
bool is_loopback_v4(std::string_view host) {
  const auto parts = split(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  return std::ranges::all_of(parts,
                             [](const std::string& part) { return parse_number<std::uint8_t>(part).has_value(); });
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" || is_loopback_v4(host);
}

}  // namespace

Result<Authority> parse_authority(std::string_view text) {
  const auto bad = [&] { return fail(Errc::invalid, "'" + printable(text, 80) + "' is not a host"); };
  const std::optional<HostPort> parts = split_host_port(text);
  if (!parts) return bad();
  Authority out;
  out.host = lower_case(parts->host);
  if (parts->bracketed != (out.host.find(':') != std::string::npos)) return bad();
  if (!parts->bracketed && out.host.ends_with('.')) out.host.pop_back();
  if (out.host.empty() || !std::ranges::all_of(out.host, is_host_character)) return bad();
  if (!parts->port) return out;
  out.port = parse_port(*parts->port);
  if (!out.port) return bad();
  return out;
}

std::string canonical_host(std::string_view host) {
  namespace ip = boost::asio::ip;
  boost::system::error_code failed;
  const ip::address parsed = ip::make_address(host, failed);
  if (failed) return lower_case(host);
  if (parsed.is_v4()) return parsed.to_string();
  ip::address_v6 v6 = parsed.to_v6();
  v6.scope_id(0);
  return v6.is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, v6).to_string() : v6.to_string();
}

Result<void> check_allowed_host(std::string_view entry) {
  if (entry == "*") return {};
  const std::string host = lower_case(entry);
  const auto read = parse_authority(host);
  if (read && read->host == host && !read->port) return {};
  boost::system::error_code no_address;
  if (boost::asio::ip::make_address_v6(host, no_address); !no_address) return {};
  return fail(Errc::invalid, "'" + printable(entry, 80) + "' is not the name of a host", {},
              "write the name or address alone, like \"panel.example\", without scheme, port and brackets");
}

Result<void> check_allowed_origin(std::string_view entry) {
  if (entry == "null") return {};
  const std::size_t scheme = entry.find("://");
  const auto bad = [&](std::string why) {
    return fail(Errc::invalid, "'" + printable(entry, 80) + "' is not an origin: " + std::move(why), {},
                "write it as \"https://panel.example\", with the port if the address has one");
  };
  if (scheme == std::string_view::npos || scheme == 0) return bad("it has no scheme");
  const std::string_view authority = entry.substr(scheme + 3);
  if (authority.find_first_of("/?#") != std::string_view::npos) return bad("an origin has no path");
  const auto read = parse_authority(authority);
  if (!read || authority.ends_with('.')) return bad("it names no host");
  const std::string name = lower_case(entry.substr(0, scheme));
  const std::uint16_t usual = name == "http" ? 80 : name == "https" ? 443 : 0;
  if (read->port && *read->port == usual) return bad("browsers leave out the scheme's own port");
  return {};
}

HostRules::HostRules(std::string_view listen_host, std::vector<std::string> allowed_hosts,
                     std::vector<std::string> allowed_origins)
    : listen_host_(canonical_host(listen_host)),
      allowed_hosts_(std::move(allowed_hosts)),
      allowed_origins_(std::move(allowed_origins)) {
  for (std::string& host : allowed_hosts_) host = canonical_host(host);
  for (std::string& origin : allowed_origins_) origin = lower_case(origin);
}

Result<void> HostRules::check_host(std::string_view host, std::string_view local_address) const {
  PERCH_TRY(const Authority got, parse_authority(host));
  const std::string name = canonical_host(got.host);
  if (is_loopback(name) || name == listen_host_ || name == canonical_host(local_address)) return {};
  for (const std::string& allowed : allowed_hosts_)
    if (allowed == "*" || allowed == name) return {};
  return fail(Errc::denied, "this server does not answer to the name '" + got.host + "'", {},
              "open it by its address, or add the name to the allowed hosts");
}

bool HostRules::is_allowed_other(std::string_view origin) const {
  return std::ranges::find(allowed_origins_, lower_case(origin)) != allowed_origins_.end();
}

Result<void> HostRules::check_origin(std::string_view origin, std::string_view host) const {
  if (origin.empty() || is_allowed_other(origin)) return {};
  const std::string lowered = lower_case(origin);
  const bool plain = lowered.starts_with("http://");
  if (plain || lowered.starts_with("https://")) {
    const std::uint16_t usual = plain ? 80 : 443;
    const auto page = parse_authority(std::string_view(lowered).substr(plain ? 7 : 8));
    const auto mine = parse_authority(host);
    if (page && mine && page->host == mine->host && page->port.value_or(usual) == mine->port.value_or(usual)) return {};
  }
  return fail(Errc::denied, "pages from '" + printable(origin, 80) + "' may not do this", {},
              "use the pages of this server, or add the address to the allowed origins");
}

}  // namespace perch::net
