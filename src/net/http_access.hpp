#pragma once
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "config/field.hpp"
#include "net/http_message.hpp"

namespace perch::net {

/// How a configuration says where something is on the web and how to get in: what sources and sinks over HTTP share.
struct HttpAccess {
  std::string url;
  std::string user, password;
  Milliseconds timeout{5000};
  std::string ca_file, pinned_key;
  bool any_certificate = false;
};

inline constexpr auto kHttpAccessFields = config::fields<HttpAccess>(
    config::field("url", &HttpAccess::url).required().help("http or https address"),
    config::field("user", &HttpAccess::user).help("sent when the other side asks for it (basic or digest)"),
    config::field("password", &HttpAccess::password).help("goes with user"),
    config::field("timeout", &HttpAccess::timeout)
        .range(std::chrono::milliseconds(100), std::chrono::minutes(5))
        .help("longest wait for a whole answer; of a stream for its next picture"),
    config::field("ca_file", &HttpAccess::ca_file).help("PEM file with the authority of an https server's certificate"),
    config::field("pinned_key", &HttpAccess::pinned_key)
        .help("sha256//BASE64 of an https server's public key: this key is trusted, and only this one"),
    config::field("any_certificate", &HttpAccess::any_certificate)
        .help("trust any certificate: the connection is then open to whoever stands between"));

/// The request that the configuration asks for, with its timeout as that of connecting, of the answer and of a stall.
/// @param folder what a relative `ca_file` is relative to; empty: it is another machine's, and not looked for
/// Errors, each with the key that it is about as `where`: invalid (no http or https address, a password without a user,
///         a pinned key in another form), not_found (the CA file). @thread any
Result<HttpRequest> request_for(const HttpAccess& access, const std::filesystem::path& folder);

}  // namespace perch::net
