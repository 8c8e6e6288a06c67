#pragma once
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_message.hpp"

namespace perch::net {

struct FetchOptions {
  Milliseconds timeout{10'000};  ///< for the whole answer
  std::size_t most_bytes = 64'000'000;
  int most_redirects = 5;
  TlsTrust tls{};  ///< whom an https server is believed by
};

/// Gets one HTTP or HTTPS address, for commands that need a single answer. Certificates are checked; user and password
/// may stand in the URL.
///
/// Errors: invalid (not an http(s) URL), not_found (host unknown, or 404), denied (401, 403, bad certificate), timeout,
///         too_large, io (anything else, with the status or the library's words). @thread any, blocks
Result<Bytes> fetch(const std::string& url, const FetchOptions& options = {});

/// Gets a picture: as `fetch`, and of a stream of pictures without end (`multipart/x-mixed-replace`, an MJPEG camera)
/// the first. Errors: those of `fetch`; invalid (a stream of something else). @thread any, blocks
Result<Bytes> fetch_picture(const std::string& url, const FetchOptions& options = {});

}  // namespace perch::net
