#include "net/http_access.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "base/text.hpp"
#include "net/address.hpp"

namespace perch::net {

namespace {

/// Whether an address is of this scheme, in any case.
bool is_of(std::string_view url, std::string_view scheme) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  return url.size() >= scheme.size() && std::ranges::equal(url.substr(0, scheme.size()), scheme, same);
}

Result<void> check_url(const std::string& url) {
  if (!is_of(url, "http://") && !is_of(url, "https://"))
    return fail(Errc::invalid, "not an http or https address", "url",
                is_of(url, "rtsp://") ? "use the source 'rtsp'" : "it begins with http:// or https://");
  if (const auto checked = check_address(url); !checked) return fail(checked.error().at("url"));
  return {};
}

/// Whether a key is written as curl reads it: `sha256//` and the 32 bytes of a hash in Base64.
bool is_key(std::string_view text) {
  constexpr std::string_view kBegin = "sha256//";
  constexpr std::size_t kDigits = 43;
  if (!text.starts_with(kBegin) || !text.ends_with('=') || text.size() != kBegin.size() + kDigits + 1) return false;
  return std::ranges::all_of(text.substr(kBegin.size(), kDigits), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

/// The same of one key or several, of which any will do.
bool is_pin(std::string_view text) {
  return std::ranges::all_of(split(text, ';'), is_key);
}

/// Settings of which each makes sense, and all do together.
Result<void> check_keys(const HttpAccess& access) {
  PERCH_CHECK(check_url(access.url));
  const std::string_view authority = std::string_view(access.url).substr(0, access.url.find_first_of("/?#", 8));
  if (access.user.empty() && !access.password.empty() && authority.find('@') == std::string_view::npos)
    return fail(Errc::invalid, "there is no user that it belongs to", "password", "set user");
  if (!access.pinned_key.empty() && !is_pin(access.pinned_key))
    return fail(Errc::invalid, "not the hash of a key", "pinned_key",
                "write sha256// and the 44 characters of its SHA-256 in Base64");
  return {};
}

}  // namespace

Result<HttpRequest> request_for(const HttpAccess& access, const std::filesystem::path& folder) {
  PERCH_CHECK(check_keys(access));
  const std::string ca_file = access.ca_file.empty() ? access.ca_file : (folder / access.ca_file).string();
  std::error_code error;
  if (!ca_file.empty() && !folder.empty() && !std::filesystem::is_regular_file(ca_file, error))
    return fail(Errc::not_found, fmt::format("there is no file {}", printable(ca_file, 200)), "ca_file",
                "check the path; a relative one begins at the configuration's folder");
  HttpRequest request;
  request.url = access.url;
  request.user = access.user;
  request.password = access.password;
  request.timeout = access.timeout;
  request.connect_timeout = access.timeout;
  request.stall_timeout = access.timeout;
  request.tls = {ca_file, access.pinned_key, access.any_certificate};
  return request;
}

}  // namespace perch::net
