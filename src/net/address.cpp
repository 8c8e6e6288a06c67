#include "net/address.hpp"

#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

namespace perch::net {

Result<void> check_address(const std::string& url) {
  if (url.find_first_of(" \t\r\n") != std::string::npos)
    return fail(Errc::invalid, "not an address: there is a space in it", {}, "write it as %20");
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), &curl_url_cleanup);
  const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME);
  switch (code) {
    case CURLUE_OK:
      return {};
    case CURLUE_BAD_PORT_NUMBER:
      return fail(Errc::invalid, "not an address: its port is no number from 0 to 65535", {},
                  "after the port comes a slash; a /, ? or # in a password is written %2F, %3F or %23");
    case CURLUE_NO_HOST:
      return fail(Errc::invalid, "not an address: it names no host", {},
                  fmt::format("write it as {}://HOST/PATH", url.substr(0, url.find("://"))));
    default:
      return fail(Errc::invalid, fmt::format("not an address: {}", curl_url_strerror(code)));
  }
}

}  // namespace perch::net
