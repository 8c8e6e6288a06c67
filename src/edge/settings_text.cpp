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

Result<net::ListenAddress> TextForm<net::ListenAddress>::parse(std::string_view text) {
  return net::parse_listen(text);
}

std::string TextForm<net::ListenAddress>::format(const net::ListenAddress& address) {
  return net::to_string(address);
}

Result<pipeline::RecordPolicy> TextForm<pipeline::RecordPolicy>::parse(std::string_view text) {
  return pipeline::RecordPolicy::parse(text);
}

}  // namespace perch::config
