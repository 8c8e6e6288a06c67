#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "net/host_rules.hpp"
#include "net/http_reply.hpp"
#include "net/query.hpp"

namespace perch::net {

class WebSocketHub;

/// Answers a call. What it refers to outlives the server. @thread io
using HttpHandler = std::function<asio::awaitable<HttpReply>(HttpCall)>;

/// A request's head as it came in.
struct HttpRequestHead {
  std::string method, target;
  Headers headers;
  std::string remote, local;  ///< addresses without ports
};

/// Decides what becomes of a request from its head alone, so that nothing more is read of one that is refused. Pure.
class HttpRouter {
 public:
  /// `handler` answers `method` at paths like `pattern`; a GET answers HEAD too. The first route that matches counts.
  void add(std::string method, std::string_view pattern, HttpHandler handler);
  void add(std::string_view pattern, std::shared_ptr<WebSocketHub> hub);

  struct ToHandler {
    const HttpHandler* handler = nullptr;  ///< valid as long as the router
    HttpCall call;
    bool head_only = false;
    Headers sharing;  ///< belong to the answer: whether a page of another site may read it
  };

  struct ToWebSocket {
    std::shared_ptr<WebSocketHub> hub;
    HttpCall call;
  };

  /// Refused: a host that is missing, given twice or not ours (400, 403), a target that is none (400), a page of
  /// another site that wants to act or to listen (403), an unknown path (404) or method (405), a WebSocket's path
  /// without an upgrade (426). OPTIONS is answered with what is allowed.
  ///
  /// A page of an allowed origin may read what it is answered (CORS,
  /// https://fetch.spec.whatwg.org/#http-cors-protocol), errors too, and asks before with OPTIONS; without credentials.
  /// One of another origin is told nothing.
  std::variant<HttpReply, ToHandler, ToWebSocket> route(HttpRequestHead head, const HostRules& rules) const;

 private:
  struct Route {
    std::string method;
    PathPattern pattern;
    HttpHandler handler;
    std::shared_ptr<WebSocketHub> hub;
  };

  std::deque<Route> routes_;
};

}  // namespace perch::net
