#pragma once
#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/http_server.hpp"
#include "net/web_socket_hub.hpp"
#include "support/run_coroutine.hpp"

namespace perch::test {

namespace asio = boost::asio;

inline SharedBytes shared(std::string_view text) {
  const auto view = as_bytes(text);
  return SharedBytes(Bytes(view.begin(), view.end()));
}

/// With times that a test can wait for.
inline net::HttpServerConfig hasty_server() {
  net::HttpServerConfig config;
  config.listen = "127.0.0.1:0";
  config.header_timeout = config.body_timeout = config.idle_timeout = config.write_timeout =
      std::chrono::milliseconds(100);
  return config;
}

inline net::HttpServerConfig patient_server() {
  net::HttpServerConfig config;
  config.listen = "127.0.0.1:0";
  return config;
}

/// A server with a few routes, on a thread of its own. What it counts is read by `on_loop`.
class HttpServerRig {
  using HttpCall = net::HttpCall;
  using HttpChunk = net::HttpChunk;
  using HttpReply = net::HttpReply;
  using Reply = asio::awaitable<HttpReply>;

 public:
  explicit HttpServerRig(const net::HttpServerConfig& config = patient_server(),
                         const net::WebSocketLimits& limits = {}) {
    net::WebSocketHub::Events events;
    events.opened = [this](net::WebSocketClient, const HttpCall&) { ++opened; };
    events.closed = [this](net::WebSocketClient) { ++closed; };
    events.message = [this](net::WebSocketClient from, const std::string& text) {
      if (text == "throw") throw std::runtime_error("told to");
      if (text == "all") return hub->broadcast(std::make_shared<const std::string>("to all"));
      hub->send(from, std::make_shared<const std::string>("echo " + text));
    };
    hub = std::make_shared<net::WebSocketHub>(io.get_executor(), limits, std::move(events));
    http = std::move(net::HttpServer::create(io.get_executor(), config).value());
    add_routes();
    http->start();
    thread_ = std::jthread([this] { io.run(); });
  }

  ~HttpServerRig() {
    on_loop([this] { http.reset(); });
    work_.reset();
    thread_.join();
  }

  HttpServerRig(const HttpServerRig&) = delete;
  HttpServerRig& operator=(const HttpServerRig&) = delete;

  /// Runs this on the server's thread and returns what it returns.
  template <class Function>
  std::invoke_result_t<Function> on_loop(Function function) {
    return run_on(io, std::move(function));
  }

  void stop(perch::Milliseconds drain) {
    std::promise<void> done;
    on_loop([&] { asio::co_spawn(io, http->stop(drain), [&](const std::exception_ptr&) { done.set_value(); }); });
    done.get_future().get();
  }

  std::size_t connections() {
    return on_loop([this] { return http->connections(); });
  }

  /// Waits until the server has as many connections.
  bool has_connections(std::size_t count) {
    return comes_true([&] { return connections() == count; });
  }

  static bool comes_true(const auto& what) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (what()) return true;
      std::this_thread::yield();
    }
    return false;
  }

  std::uint16_t port() const { return http->port(); }

  asio::io_context io{1};
  std::unique_ptr<net::HttpServer> http;
  std::shared_ptr<net::WebSocketHub> hub;
  std::atomic<int> opened = 0, closed = 0, handled = 0, stream_ended = 0, pieces = 0;

 private:
  void add_routes() {
    http->route("GET", "/hello/{name}", [this](HttpCall call) -> Reply {
      ++handled;
      co_return HttpReply::text("hello " + call.param("name"));
    });
    http->route("POST", "/echo", [](HttpCall call) -> Reply { co_return HttpReply::text(call.body); });
    http->route("GET", "/throw", [](HttpCall) -> Reply {
      throw std::runtime_error("told to");
      co_return HttpReply{};
    });
    http->route("GET", "/big", [](HttpCall) -> Reply {
      co_return HttpReply::bytes("image/jpeg", shared(std::string(30'000'000, 'j')), "big");
    });
    http->route("GET", "/slow", [this](HttpCall) -> Reply {
      ++handled;
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(200));
      co_await timer.async_wait(asio::use_awaitable);
      co_return HttpReply::text("slow");
    });
    http->route("GET", "/pour", [this](HttpCall) -> Reply {
      co_return HttpReply::stream("video", [this]() -> asio::awaitable<std::optional<HttpChunk>> {
        ++pieces;
        co_return HttpChunk{"head", shared(std::string(100'000, 'p'))};
      });
    });
    http->route("GET", "/three", [](HttpCall) -> Reply {
      co_return HttpReply::stream("video", [n = 0]() mutable -> asio::awaitable<std::optional<HttpChunk>> {
        const int now = ++n;
        if (now > 3) co_return std::nullopt;
        co_return HttpChunk{std::to_string(now), shared("x")};
      });
    });
    http->route("GET", "/wait", [this](HttpCall) -> Reply {
      co_return HttpReply::stream(
          "video", [this, first = true]() mutable { return wait_for_ever(std::exchange(first, false)); });
    });
    http->web_socket("/live", hub);
  }

  asio::awaitable<std::optional<HttpChunk>> wait_for_ever(bool first) {
    if (first) co_return HttpChunk{"first", {}};
    const std::shared_ptr<void> ended(nullptr, [this](void*) { ++stream_ended; });
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
    co_await timer.async_wait(asio::use_awaitable);
    co_return std::nullopt;
  }

  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io);
  std::jthread thread_;
};

/// A request as a client would write it.
inline std::string request_for(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) + "\r\n";
}

}  // namespace perch::test
