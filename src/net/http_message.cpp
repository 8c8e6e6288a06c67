#include "net/http_message.hpp"

#include "base/text.hpp"

namespace perch::net {

namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same_letters(key, name)) return value;
  return {};
}

std::string printable_url(std::string_view url) {
  constexpr std::size_t kMostBytes = 200;
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return printable(url, kMostBytes);
  const std::size_t host = scheme + 3;
  const std::string_view authority = url.substr(host, url.find_first_of("/?#", host) - host);
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return printable(url, kMostBytes);
  return printable(std::string(url.substr(0, host)) + std::string(url.substr(host + at + 1)), kMostBytes);
}

}  // namespace perch::net
