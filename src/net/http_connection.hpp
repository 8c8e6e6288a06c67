#pragma once
#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/host_rules.hpp"
#include "net/http_router.hpp"
#include "net/http_server.hpp"
#include "net/web_socket_hub.hpp"

/// One connection of the server: parts of `HttpServer` that are compiled on their own.
namespace perch::net {

/// What all connections of one server read.
struct HttpServing {
  HttpServerConfig config;
  HostRules rules;
  HttpRouter router;
};

/// How the server reaches one of its connections. @thread io
struct HttpConnection {
  enum class Doing : std::uint8_t { idle, answering, streaming, web_socket };

  Doing doing = Doing::idle;
  bool last = false;                  ///< close after this answer
  std::function<void()> close;        ///< closes the socket; set while there is one
  std::function<void()> say_goodbye;  ///< of a WebSocket
  asio::cancellation_signal cancel;

  /// Ends it as soon as it is decent.
  void finish();
  /// Ends it at once.
  void abort();
};

/// Serves one connection until it ends. Throws nothing but what cancellation throws.
asio::awaitable<void> serve_http(std::shared_ptr<const HttpServing> serving, std::shared_ptr<HttpConnection> connection,
                                 asio::ip::tcp::socket socket);

/// Goes on as a WebSocket, with the request that asked for it and what came right behind it.
asio::awaitable<void> serve_web_socket(std::shared_ptr<WebSocketHub> hub, std::shared_ptr<HttpConnection> connection,
                                       asio::ip::tcp::socket socket, HttpCall call, std::string early);

}  // namespace perch::net
