#include "net/http_access.hpp"

#include <algorithm>

namespace perch::net {

namespace {

/// Whether an address is of this scheme, in any case, and goes on after it.
bool is_of(std::string_view url, std::string_view scheme) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  return url.size() > scheme.size() && std::ranges::equal(url.substr(0, scheme.size()), scheme, same);
}

}  // namespace

Result<HttpRequest> request_for(const HttpAccess& access, const std::filesystem::path& folder) {
  if (!is_of(access.url, "http://") && !is_of(access.url, "https://"))
    return fail(Errc::invalid, "not an http or https address", printable_url(access.url),
                is_of(access.url, "rtsp://") ? "use the source 'rtsp'" : "it begins with http:// or https://");
  HttpRequest request;
  request.url = access.url;
  request.user = access.user;
  request.password = access.password;
  request.timeout = access.timeout;
  request.connect_timeout = access.timeout;
  request.stall_timeout = access.timeout;
  const std::string ca_file = access.ca_file.empty() ? access.ca_file : (folder / access.ca_file).string();
  request.tls = {ca_file, access.pinned_key, access.any_certificate};
  return request;
}

}  // namespace perch::net
