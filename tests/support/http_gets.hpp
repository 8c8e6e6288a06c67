#pragma once
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "net/http_client.hpp"
#include "support/looks.hpp"
#include "support/run_coroutine.hpp"
#include "support/test_server.hpp"

namespace perch::test {

/// An HTTP client on its own loop, which runs while somebody waits.
struct HttpGets {
  boost::asio::io_context io{1};
  net::HttpClient http{io.get_executor()};

  Result<net::HttpResponse> get(net::HttpRequest request) { return run_coroutine(io, http.get(std::move(request))); }

  Result<net::HttpStream> open(net::HttpRequest request) { return run_coroutine(io, http.open(std::move(request))); }

  Result<Bytes> read(net::HttpStream& stream) { return run_coroutine(io, stream.read()); }
};

inline net::HttpRequest request_to(std::string url) {
  net::HttpRequest request;
  request.url = std::move(url);
  return request;
}

/// With limits of time that a test can wait for.
inline net::HttpRequest hasty_request_to(std::string url) {
  net::HttpRequest request = request_to(std::move(url));
  request.timeout = std::chrono::milliseconds(150);
  request.stall_timeout = std::chrono::milliseconds(60);
  return request;
}

/// A server that sends this to whoever asks, and hangs up.
inline TestServer::Handler sending(const std::string& bytes) {
  return [bytes](Connection& c, const std::string&) {
    c.send(bytes);
    return false;
  };
}

/// Answers with a picture, or what stands for one.
inline bool answer(Connection& c, std::string_view body = "picture") {
  return c.respond(200, "image/jpeg", body);
}

}  // namespace perch::test
