#include "net/http_errors.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::net {

Error status_error(int status, const std::string& url) {
  const std::string where = printable_url(url);
  if (status == 404) return {Errc::not_found, "answered 404 (not found)", where, "check the path"};
  const std::string what = fmt::format("answered {}", status);
  if (status == 401 || status == 403) return {Errc::denied, what, where, "check user and password"};
  return {Errc::io, what, where, {}};
}

Error canceled(const HttpRequest& request) {
  return {Errc::canceled, "stopped on request", printable_url(request.url), {}};
}

Error transfer_error(int code, std::string_view detail, bool connected, const HttpRequest& request) {
  const std::string where = printable_url(request.url);
  const std::string words = detail.empty() ? curl_easy_strerror(static_cast<CURLcode>(code)) : printable(detail, 200);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Errc::not_found, "host not found", where, "check its name"};
    case CURLE_OPERATION_TIMEDOUT:
      if (!connected)
        return {Errc::timeout, "no connection within " + format_duration(request.connect_timeout), where, {}};
      return {Errc::timeout, "no whole answer within " + format_duration(request.timeout), where, {}};
    case CURLE_COULDNT_CONNECT:
      return {Errc::io, "cannot connect: " + words, where, "check that it is running"};
    case CURLE_GOT_NOTHING:
      return {Errc::io, "closed the connection without an answer", where, {}};
    case CURLE_PARTIAL_FILE:
      return {Errc::io, "closed the connection in the middle of the answer", where, {}};
    case CURLE_TOO_MANY_REDIRECTS:
      return {Errc::io, fmt::format("leads on to other addresses more than {} times", request.most_redirects), where,
              "check the path, and whether it wants a user and password"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return {Errc::denied, "its certificate is not trusted: " + words, where,
              "give its authority's certificate, or its public key"};
    case CURLE_SSL_CACERT_BADFILE:
      return {Errc::invalid, "cannot use the certificates of " + printable(request.tls.ca_file), where,
              "give a PEM file"};
    case CURLE_FILESIZE_EXCEEDED:
      return {Errc::too_large, "over the limit of " + format_size(request.most_bytes), where, {}};
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (detail.find("HTTP/0.9") != std::string_view::npos)
        return {Errc::io, "does not answer in HTTP", where, "check the port"};
      [[fallthrough]];
    case CURLE_URL_MALFORMAT:
      return {Errc::invalid, "not an http or https address", where, {}};
    default:
      return {Errc::io, words, where, {}};
  }
}

}  // namespace perch::net
