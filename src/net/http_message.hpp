#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace perch::net {

/// Header fields in their order. Names are compared without regard to case.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first value of a header; empty without one. Valid as long as `headers`. @thread any
std::string_view find_header(const Headers& headers, std::string_view name);

/// Which certificates an https server may show.
struct TlsTrust {
  std::string ca_file;      ///< PEM, instead of the machine's authorities; empty: the machine's
  std::string pinned_key;   ///< `sha256//BASE64` of the server's public key: this key is trusted, and only this one
  bool any_server = false;  ///< check nothing: only where the user has asked for it
};

/// A GET request, with the limits that every wait and every size has.
struct HttpRequest {
  std::string url;  ///< http or https; user and password may stand in it
  Headers headers;
  std::string user, password;  ///< sent when the server asks (basic, digest), never to another host after a redirect

  Milliseconds connect_timeout{5'000};
  Milliseconds timeout{10'000};       ///< for the whole answer; of a stream for its first bytes
  Milliseconds stall_timeout{5'000};  ///< longest wait for the next `stall_bytes`
  std::size_t stall_bytes = 1;
  std::size_t most_bytes = 64'000'000;      ///< of the body; a stream may go on for ever
  std::size_t most_header_bytes = 128'000;  ///< of all answers on the way, redirects included
  int most_redirects = 5;                   ///< within http and https
  TlsTrust tls;
  std::string proxy;  ///< URL; empty: none, whatever the environment says
};

/// What stands before the body of an answer.
struct HttpHead {
  int status = 0;
  Headers headers;
  std::string content_type;  ///< as sent; empty without one
};

struct HttpResponse : HttpHead {
  Bytes body;
  Stamp last_byte;  ///< when the answer was complete
};

/// An address without user and password, safe to print; also what was meant as one and has no scheme, or cannot be
/// parsed. @thread any
std::string printable_url(std::string_view url);

}  // namespace perch::net
