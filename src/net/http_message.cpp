#include "net/http_message.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "net/host_port.hpp"

namespace perch::net {

namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

/// Where an address goes on after `scheme://`; 0 when it does not begin so.
std::size_t after_scheme(std::string_view url) {
  const std::size_t end = url.find("://");
  const bool is_scheme = end != std::string_view::npos && std::ranges::all_of(url.substr(0, end), [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                  c == '+' || c == '-' || c == '.';
                         });
  return is_scheme ? end + 3 : 0;
}

/// Whether this is `host` or `host:port`, so that what comes after it is a path.
bool is_host(std::string_view authority) {
  const std::optional<HostPort> parts = split_host_port(authority);
  if (!parts || authority.empty()) return false;
  if (!parts->bracketed && parts->host.find(':') != std::string_view::npos) return false;
  return !parts->port ||
         (!parts->port->empty() && parts->port->find_first_not_of("0123456789") == std::string_view::npos);
}

/// How much of what follows the scheme may be user and password, with their @. Of what can be no address that is
/// everything up to its last @: a slash or the scheme may have been forgotten, or a password holds what it must not.
std::size_t user_bytes(std::string_view rest, bool has_scheme) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos && !(has_scheme && is_host(authority))) at = rest.rfind('@');
  return at == std::string_view::npos ? 0 : at + 1;
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same_letters(key, name)) return value;
  return {};
}

std::string printable_url(std::string_view url) {
  constexpr std::size_t kMostBytes = 200;
  const std::size_t begin = after_scheme(url);
  const std::size_t host = begin + user_bytes(url.substr(begin), begin > 0);
  return printable(std::string(url.substr(0, begin)).append(url.substr(host)), kMostBytes);
}

}  // namespace perch::net
