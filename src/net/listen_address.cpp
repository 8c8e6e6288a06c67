#include "net/listen_address.hpp"

#include <algorithm>
#include <optional>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "net/host_port.hpp"
#include "net/host_rules.hpp"

namespace perch::net {

namespace {

using boost::asio::ip::address;

std::optional<address> address_from(std::string_view text) {
  boost::system::error_code failed;
  address parsed = boost::asio::ip::make_address(text, failed);
  if (failed) return std::nullopt;
  return parsed;
}

bool is_any(const std::string& numeric) {
  return numeric == "0.0.0.0" || numeric == "::";
}

bool looks_like_name(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
}

tl::unexpected<Error> bad(std::string_view written, std::string_view what) {
  constexpr std::string_view kForm = "write it as address:port, like \"127.0.0.1:3000\" or \"[::1]:3000\"";
  return fail(Errc::invalid, fmt::format("'{}' {}", printable(written, 60), what), {}, std::string(kForm));
}

/// @param text  all of it, with a port
Result<void> check_host(const HostPort& parts, std::string_view text) {
  if (parts.host == "localhost" && !parts.bracketed) return {};
  const std::optional<address> parsed = address_from(parts.host);
  if (parsed && parsed->is_v6() && !parts.bracketed) return bad(text, "is an IPv6 address without brackets");
  if (parsed && parsed->is_v6() == parts.bracketed) return {};
  if (parts.bracketed || !looks_like_name(parts.host))
    return bad(text.substr(0, text.size() - parts.port->size() - 1), "names no host");
  return fail(Errc::invalid, fmt::format("'{}' is no address", printable(parts.host, 60)), {},
              "write an address of this machine, 0.0.0.0 or [::] for all of them, or localhost");
}

}  // namespace

Result<ListenAddress> parse_listen(std::string_view text) {
  const std::optional<HostPort> parts = split_host_port(text);
  if (!parts) return bad(text, "names no host");
  if (!parts->port) return bad(text, "has no port");
  const std::optional<std::uint16_t> port = parse_port(*parts->port);
  if (!port) return bad(*parts->port, "is not a port from 0 to 65535");
  PERCH_CHECK(check_host(*parts, text));
  return ListenAddress{std::string(parts->host), *port};
}

std::string to_string(const ListenAddress& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", address.host, address.port) : fmt::format("{}:{}", address.host, address.port);
}

std::string numeric_host(const ListenAddress& address) {
  return address.host == "localhost" ? "127.0.0.1" : address.host;
}

bool overlap(const ListenAddress& a, const ListenAddress& b) {
  if (a.port == 0 || a.port != b.port) return false;
  const std::string one = canonical_host(numeric_host(a)), other = canonical_host(numeric_host(b));
  return one == other || is_any(one) || is_any(other);
}

}  // namespace perch::net
