// How names, addresses and record policies are written.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "edge/settings.hpp"

namespace perch::edge {

namespace {

constexpr std::size_t kLongestName = 64;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// "front door!" → "front-door"; empty when nothing is left.
std::string nearest_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (is_name_character(c))
      name += c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name;
}

}  // namespace

std::string device_name_from(std::string_view host_name) {
  std::string name(host_name.substr(0, kLongestName));
  std::ranges::replace_if(name, [](char c) { return !is_name_character(c); }, '-');
  return name.empty() ? "perch" : name;
}

Name camera_name_from(std::string_view instance) {
  constexpr std::size_t kDigits = 8;
  if (config::TextForm<Name>::parse(instance) && instance != kOwnCamera) return {std::string(instance)};
  std::string name = nearest_name(instance).substr(0, kLongestName - kDigits - 1);
  if (name.empty()) name = "camera";
  return {fmt::format("{}-{}", name, sha256_hex(as_bytes(instance)).substr(0, kDigits))};
}

}  // namespace perch::edge

namespace perch::config {

Result<edge::Name> TextForm<edge::Name>::parse(std::string_view text) {
  constexpr std::string_view kRule = "names have letters, digits, - and _";
  if (text.empty()) return fail(Errc::invalid, "must not be empty", {}, std::string(kRule));
  if (text.size() > edge::kLongestName)
    return fail(Errc::invalid,
                fmt::format("has {} characters, but names have at most {}", text.size(), edge::kLongestName));
  if (!std::ranges::all_of(text, edge::is_name_character)) {
    const std::string near = edge::nearest_name(text);
    return fail(Errc::invalid, fmt::format("'{}' is not a name", printable(text, 40)), {},
                near.empty() ? std::string(kRule) : fmt::format("{}: '{}' would do", kRule, near));
  }
  return edge::Name{std::string(text)};
}

Result<edge::ListenAddress> TextForm<edge::ListenAddress>::parse(std::string_view text) {
  const auto bad = [&](std::string what) {
    return fail(Errc::invalid, std::move(what), {}, "write it as host:port, like \"127.0.0.1:3000\" or \"[::1]:3000\"");
  };
  const std::size_t colon = text.rfind(':');
  const bool ends_in_bracket = text.ends_with(']');
  if (colon == std::string_view::npos || ends_in_bracket)
    return bad(fmt::format("'{}' has no port", printable(text, 60)));
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc{} || end != port_text.data() + port_text.size() || port > 65535)
    return bad(fmt::format("'{}' is not a port from 0 to 65535", printable(port_text, 20)));
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool has_colon = host.find(':') != std::string_view::npos;
  const bool ipv6 = has_colon && host.find_first_not_of("0123456789ABCDEFabcdef:.") == std::string_view::npos;
  if (ipv6 && !bracketed) return bad(fmt::format("'{}' is an IPv6 address without brackets", printable(text, 60)));
  const bool clean = host.find_first_of("[]/@ \t") == std::string_view::npos;
  if (host.empty() || !clean || bracketed != ipv6)
    return bad(fmt::format("'{}' names no host", printable(text.substr(0, colon), 60)));
  return edge::ListenAddress{std::string(host), static_cast<std::uint16_t>(port)};
}

std::string TextForm<edge::ListenAddress>::format(const edge::ListenAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return ipv6 ? fmt::format("[{}]:{}", address.host, address.port) : fmt::format("{}:{}", address.host, address.port);
}

Result<pipeline::RecordPolicy> TextForm<pipeline::RecordPolicy>::parse(std::string_view text) {
  return pipeline::RecordPolicy::parse(text);
}

}  // namespace perch::config
