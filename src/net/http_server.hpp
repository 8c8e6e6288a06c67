#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_reply.hpp"
#include "net/http_router.hpp"

namespace perch::net {

struct HttpServerConfig {
  std::string listen = "127.0.0.1:3000";     ///< `ADDRESS:PORT`; `localhost` is 127.0.0.1; port 0 is a free one
  std::vector<std::string> allowed_hosts;    ///< names beside the address itself and loopback's; `*` allows all
  std::vector<std::string> allowed_origins;  ///< pages of others that may act and listen: `https://panel.example`

  std::size_t most_connections = 256;
  std::size_t most_header_bytes = 16'384;
  std::size_t most_body_bytes = 1'000'000;
  Milliseconds header_timeout{10'000};  ///< for a whole request head, from its first byte
  Milliseconds body_timeout{30'000};    ///< for a whole request body
  Milliseconds idle_timeout{60'000};    ///< between requests of one connection
  Milliseconds write_timeout{20'000};   ///< for each 256 kB of an answer, and each piece of a stream, to be taken
};

/// HTTP/1.1 and WebSocket on one thread. Who asks is checked (see `HostRules`), every size and wait is bounded, and a
/// client that is too slow is dropped. Errors are answered as `{"error": …, "remedy": …}`. @thread io
class HttpServer {
 public:
  /// Binds the address; nothing is accepted before `start`. The executor runs one thread and outlives the server.
  /// Errors: invalid (no address), exists (the port is taken), denied (a port below 1024), io.
  static Result<std::unique_ptr<HttpServer>> create(const asio::any_io_executor& executor,
                                                    const HttpServerConfig& config);

  /// Ends every connection at once. Handlers that still wait are cancelled when the loop runs on; `stop` first where
  /// they refer to what goes away.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Routes are added before `start`. Patterns as in `PathPattern`.
  void route(std::string method, std::string_view pattern, HttpHandler handler);
  void web_socket(std::string_view pattern, std::shared_ptr<WebSocketHub> hub);

  void start();

  /// Stops accepting, lets requests in work be answered, says goodbye to WebSockets, ends streams; after `drain` ends
  /// what is left. Returns when the last connection is gone.
  asio::awaitable<void> stop(Milliseconds drain);

  /// The port it listens on.
  std::uint16_t port() const;
  /// `http://127.0.0.1:3000`
  std::string url() const;
  /// Connections that are open.
  std::size_t connections() const;

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  static asio::awaitable<void> accept_loop(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace perch::net
