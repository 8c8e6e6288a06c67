#pragma once
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_message.hpp"

namespace perch::net {

namespace asio = boost::asio;

struct Transfer;

/// A body without end, read as it comes: an MJPEG camera. Only what is asked for is taken from the network, but for a
/// small buffer. Destruction closes the connection at once. @thread io
class HttpStream {
 public:
  /// What libcurl may hold ready for `read()`.
  static constexpr std::size_t kMostBufferedBytes = 512 * 1024;

  /// No stream; only to be assigned to.
  HttpStream() = default;
  HttpStream(HttpStream&&) noexcept;
  HttpStream& operator=(HttpStream&&) noexcept;
  ~HttpStream();

  const HttpHead& head() const;

  /// The next bytes, never none. Cancellation ends the wait at once, and the stream with it. Not to be called again
  /// before it has returned. Errors: eof (the regular end), timeout (a stall), io, canceled.
  asio::awaitable<Result<Bytes>> read();

 private:
  friend class HttpClient;
  explicit HttpStream(std::shared_ptr<Transfer> transfer);
  std::shared_ptr<Transfer> transfer_;
};

/// Gets what cameras serve over HTTP and HTTPS, many at once on one thread. Connections are kept open and used again;
/// so is what a digest challenge has taught, so that it costs no second request each time. @thread io
///
/// Errors of `get` and `open`:
///   invalid    no http or https address, a header that cannot be one, a CA file that cannot be used
///   not_found  an unknown host, or 404
///   denied     401, 403, a certificate that is not trusted
///   timeout    no connection, no whole answer, or a stall
///   too_large  a body or header over its limit
///   canceled   the coroutine was cancelled, or the client destroyed
///   io         anything else, with the status or the library's words
class HttpClient {
 public:
  /// The executor runs one thread and outlives the client; so does `clock`.
  explicit HttpClient(asio::any_io_executor executor);
  HttpClient(asio::any_io_executor executor, const Clock& clock);
  /// Whoever waits for an answer gets `canceled`.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// One whole answer, of a status from 200 to 299, or 304 to a conditional request. Cancellation ends it at once.
  asio::awaitable<Result<HttpResponse>> get(HttpRequest request);

  /// Opens a stream: waits for the first bytes of the body.
  asio::awaitable<Result<HttpStream>> open(HttpRequest request);

 private:
  struct Impl;
  static asio::awaitable<Result<HttpResponse>> get_from(std::shared_ptr<Impl> impl, HttpRequest request);
  static asio::awaitable<Result<HttpStream>> open_from(std::shared_ptr<Impl> impl, HttpRequest request);
  std::shared_ptr<Impl> impl_;
};

}  // namespace perch::net
