#include "net/host_port.hpp"

#include "base/text.hpp"

namespace perch::net {

std::optional<HostPort> split_host_port(std::string_view text) {
  HostPort parts;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = text.substr(1, end - 1);
    parts.bracketed = true;
    rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
  } else {
    const std::size_t colon = text.rfind(':');
    parts.host = text.substr(0, colon);
    if (colon != std::string_view::npos) rest = text.substr(colon);
  }
  if (!rest.empty()) parts.port = rest.substr(1);
  return parts;
}

std::optional<HostPort> host_port_of_url(std::string_view after_scheme) {
  std::string_view authority = after_scheme.substr(0, after_scheme.find_first_of("/?#"));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  return split_host_port(authority);
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  return parse_number<std::uint16_t>(digits);
}

}  // namespace perch::net
