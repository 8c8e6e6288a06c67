#include "net/http_server.hpp"

#include <filesystem>
#include <future>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "net/fetch.hpp"
#include "net/http_client.hpp"
#include "net/web_socket_hub.hpp"
#include "support/raw_client.hpp"
#include "support/run_coroutine.hpp"

using namespace std::chrono_literals;
namespace asio = boost::asio;
using perch::as_bytes;
using perch::Bytes;
using perch::Errc;
using perch::SharedBytes;
using perch::net::HttpCall;
using perch::net::HttpChunk;
using perch::net::HttpReply;
using perch::net::HttpServer;
using perch::net::HttpServerConfig;
using perch::net::SharedText;
using perch::net::WebSocketClient;
using perch::net::WebSocketHub;
using perch::net::WebSocketLimits;
using perch::test::RawClient;
using perch::test::run_coroutine;

namespace {

using Reply = asio::awaitable<HttpReply>;

SharedBytes shared(std::string_view text) {
  const auto view = as_bytes(text);
  return SharedBytes(Bytes(view.begin(), view.end()));
}

/// With times that a test can wait for.
HttpServerConfig hasty() {
  HttpServerConfig config;
  config.listen = "127.0.0.1:0";
  config.header_timeout = config.body_timeout = config.idle_timeout = config.write_timeout = 100ms;
  return config;
}

HttpServerConfig patient() {
  HttpServerConfig config;
  config.listen = "127.0.0.1:0";
  return config;
}

/// A server with a few routes, on a thread of its own. What it counts is read by `on_loop`.
class Server {
 public:
  explicit Server(const HttpServerConfig& config = patient(), const WebSocketLimits& limits = {}) {
    WebSocketHub::Events events;
    events.opened = [this](WebSocketClient, const HttpCall&) { ++opened; };
    events.closed = [this](WebSocketClient) { ++closed; };
    events.message = [this](WebSocketClient from, const std::string& text) {
      if (text == "throw") throw std::runtime_error("told to");
      if (text == "all") return hub->broadcast(std::make_shared<const std::string>("to all"));
      hub->send(from, std::make_shared<const std::string>("echo " + text));
    };
    hub = std::make_shared<WebSocketHub>(io.get_executor(), limits, std::move(events));
    http = std::move(HttpServer::create(io.get_executor(), config).value());
    add_routes();
    http->start();
    thread_ = std::jthread([this] { io.run(); });
  }

  ~Server() {
    on_loop([this] { http.reset(); });
    work_.reset();
    thread_.join();
  }

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Runs this on the server's thread and returns what it returns.
  template <class Function>
  std::invoke_result_t<Function> on_loop(Function function) {
    std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
    auto result = task.get_future();
    asio::post(io, [&task] { task(); });
    return result.get();
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
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (what()) return true;
      std::this_thread::yield();
    }
    return false;
  }

  std::uint16_t port() const { return http->port(); }

  asio::io_context io{1};
  std::unique_ptr<HttpServer> http;
  std::shared_ptr<WebSocketHub> hub;
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
      asio::steady_timer timer(co_await asio::this_coro::executor, 200ms);
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
    asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
    co_await timer.async_wait(asio::use_awaitable);
    co_return std::nullopt;
  }

  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io);
  std::jthread thread_;
};

std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) + "\r\n";
}

bool says(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("requests are answered in turn on one connection") {
  Server server;
  RawClient client(server.port());
  client.send(get("/hello/a") + get("/hello/b%20c"));
  CHECK(says(client.read_answer(), "hello a"));
  CHECK(says(client.read_answer(), "hello b c"));
  client.send("HEAD /hello/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  CHECK(says(head, "Content-Length: 7"));
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde");
  CHECK(client.read_answer().ends_with("\r\n\r\nabcde"));
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  CHECK(client.read_answer().ends_with("\r\n\r\nabc"));
  client.send("OPTIONS /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(says(client.read_answer(), "Allow: OPTIONS, POST"));
  client.send(get("/nothing"));
  CHECK(says(client.read_answer(), R"({"error":"there is no /nothing")"));
  client.send(get("/hello/a", "Connection: close\r\n"));
  CHECK(says(client.read_answer(), "Connection: close"));
  CHECK(client.closed());
}

TEST_CASE("a body that is waited for is asked for") {
  Server server;
  RawClient client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  CHECK(client.read_answer().ends_with("ab"));
}

TEST_CASE("an unchanged answer is not sent twice") {
  Server server;
  RawClient client(server.port());
  client.send(get("/hello/a"));
  const std::string answer = client.read_answer();
  const std::size_t at = answer.find("ETag: ") + 6;
  const std::string etag = answer.substr(at, answer.find('\r', at) - at);
  client.send(get("/hello/a", "If-None-Match: " + etag + "\r\n"));
  const std::string again = client.read_until("\r\n\r\n");
  CHECK(again.starts_with("HTTP/1.1 304"));
  client.send(get("/hello/b", "If-None-Match: " + etag + "\r\n"));
  CHECK(client.read_answer().ends_with("hello b"));
}

TEST_CASE("rubbish is answered with 400 or dropped, and harms nobody") {
  Server server;
  for (const char* sent : {"\r\n\r\n\r\n", "x", "GET\r\n\r\n", "\xFF\xD8\xFF\xE0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                           "GET / HTTP/1.1\r\nbroken\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n",
                           "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                           "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                           "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                           "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n"}) {
    CAPTURE(std::string(sent));
    RawClient client(server.port());
    client.send(sent);
    client.shutdown_send();
    const std::string answer = client.read_all();
    CHECK((answer.empty() || answer.starts_with("HTTP/1.1 400 Bad Request\r\n")));
    if (!answer.empty()) CHECK(says(answer, R"({"error":")"));
  }
  RawClient client(server.port());
  client.send(get("/hello/a"));
  CHECK(says(client.read_answer(), "hello a"));
  CHECK(server.handled == 1);
}

TEST_CASE("headers and bodies over their limits are refused, announced or not") {
  HttpServerConfig config = patient();
  config.most_header_bytes = 2000;
  config.most_body_bytes = 1000;
  Server server(config);
  RawClient headers(server.port());
  headers.send(get("/hello/a", "X: " + std::string(3000, 'x') + "\r\n"));
  CHECK(headers.read_answer().starts_with("HTTP/1.1 431 "));
  CHECK(headers.closed());
  RawClient endless(server.port());
  endless.send("GET /");
  for (int i = 0; i < 1000 && endless.send(std::string(1000, 'x')); ++i) {
  }
  CHECK(endless.closed());
  RawClient announced(server.port());
  announced.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n");
  CHECK(announced.read_answer().starts_with("HTTP/1.1 413 "));
  RawClient chunked(server.port());
  chunked.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
  CHECK(chunked.read_answer().starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a host that is not ours and pages that are not ours are refused") {
  Server server;
  RawClient rebound(server.port());
  rebound.send("GET /hello/a HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  const std::string refused = rebound.read_answer();
  CHECK(refused.starts_with("HTTP/1.1 403 "));
  CHECK(says(refused, "this server does not answer to the name 'evil.example'"));
  RawClient foreign(server.port());
  foreign.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nContent-Length: 1\r\n\r\na");
  CHECK(foreign.read_answer().starts_with("HTTP/1.1 403 "));
  RawClient socket(server.port());
  CHECK(socket.upgrade("/live", "Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403 "));
  CHECK(server.handled == 0);
  CHECK(server.opened == 0);
}

TEST_CASE("who sends a request a byte at a time, or none, is dropped") {
  Server server(hasty());
  RawClient silent(server.port());
  RawClient slow(server.port());
  const std::string request = get("/hello/a", "X: " + std::string(1000, 'x') + "\r\n");
  const auto start = std::chrono::steady_clock::now();
  std::size_t sent = 0;
  slow.patience = 2ms;
  while (sent < request.size() && slow.send(request.substr(sent, 1)) && !slow.closed()) ++sent;
  CHECK(sent < request.size());
  CHECK(std::chrono::steady_clock::now() - start < 2s);
  CHECK(silent.closed());
  RawClient no_body(server.port());
  no_body.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\na");
  CHECK(no_body.closed());
  RawClient idle(server.port());
  idle.send(get("/hello/a"));
  CHECK(says(idle.read_answer(), "hello a"));
  CHECK(idle.closed());
  CHECK(server.has_connections(0));
}

TEST_CASE("who does not take an answer is dropped, who takes it gets it whole") {
  HttpServerConfig config = hasty();
  config.write_timeout = 2s;  // for each piece: who takes it needs less, on a busy machine too
  Server server(config);
  RawClient stuck(server.port(), 4096);
  stuck.send(get("/big"));
  RawClient stuck_stream(server.port(), 4096);
  stuck_stream.send(get("/pour"));
  CHECK(server.has_connections(0));
  const int poured = server.pieces;
  CHECK(poured < 100);
  RawClient good(server.port());
  good.send(get("/big"));
  const std::string answer = good.read_answer();
  CHECK(answer.ends_with(std::string(1000, 'j')));
  CHECK(answer.size() > 30'000'000);
}

TEST_CASE("a streamed answer comes in pieces, to its end") {
  Server server;
  RawClient client(server.port());
  client.send(get("/three"));
  const std::string answer = client.read_all();
  CHECK(says(answer, "Content-Type: video"));
  CHECK(says(answer, "Connection: close"));
  CHECK(answer.ends_with("\r\n\r\n1x2x3x"));
  RawClient head(server.port());
  head.send("HEAD /three HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(head.read_all().ends_with("\r\n\r\n"));
}

TEST_CASE("a stream that waits for its next piece notices that the client has gone") {
  Server server;
  {
    RawClient client(server.port());
    client.send(get("/wait"));
    client.read_until("first");
    CHECK(server.stream_ended == 0);
  }
  CHECK(server.has_connections(0));
  CHECK(server.stream_ended == 1);
}

TEST_CASE("a handler that throws is an answer, not an end") {
  Server server;
  RawClient client(server.port());
  client.send(get("/throw") + get("/hello/a"));
  const std::string failed = client.read_answer();
  CHECK(failed.starts_with("HTTP/1.1 500 "));
  CHECK_FALSE(says(failed, "told to"));
  CHECK(says(client.read_answer(), "hello a"));
}

TEST_CASE("fifty clients at once are all answered") {
  Server server;
  asio::io_context io(1);
  perch::net::HttpClient http(io.get_executor());
  int good = 0, done = 0;
  for (int i = 0; i < 50; ++i) {
    perch::net::HttpRequest request;
    request.url = server.http->url() + "/hello/" + std::to_string(i);
    asio::co_spawn(io, http.get(request),
                   [&, i](const std::exception_ptr&, perch::Result<perch::net::HttpResponse> got) {
                     ++done;
                     if (got && perch::as_text(got->body) == "hello " + std::to_string(i)) ++good;
                   });
  }
  while (done < 50) REQUIRE(io.run_one_for(20s) > 0);
  CHECK(good == 50);
}

TEST_CASE("more connections than allowed are turned away with words") {
  HttpServerConfig config = patient();
  config.most_connections = 2;
  Server server(config);
  {
    RawClient a(server.port()), b(server.port());
    CHECK(server.has_connections(2));
    RawClient c(server.port());
    CHECK(c.read_all().starts_with("HTTP/1.1 503 "));
    a.send(get("/hello/a"));
    CHECK(says(a.read_answer(), "hello a"));
  }
  CHECK(server.has_connections(0));
  RawClient d(server.port());
  d.send(get("/hello/a"));
  CHECK(says(d.read_answer(), "hello a"));
}

TEST_CASE("a WebSocket echoes, answers pings, and says goodbye") {
  Server server;
  RawClient client(server.port());
  const std::string head = client.upgrade("/live", "Origin: http://localhost\r\n");
  CHECK(head.starts_with("HTTP/1.1 101 "));
  CHECK(says(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  client.send_frame(1, "a");
  CHECK(client.read_frame()->payload == "echo a");
  client.send_frame(1, "b", false);
  client.send_frame(0, "c");
  CHECK(client.read_frame()->payload == "echo bc");
  client.send_frame(9, "are you there");
  const auto pong = client.read_frame();
  CHECK((pong && pong->opcode == 10 && pong->payload == "are you there"));
  client.send_frame(8, "\x03\xE8");
  const auto close = client.read_frame();
  CHECK((close && close->opcode == 8));
  CHECK(client.closed());
  client.shutdown_send();
  CHECK(server.has_connections(0));
  CHECK(server.opened == 1);
  CHECK(server.closed == 1);
}

TEST_CASE("a message right behind the request for a WebSocket is not lost") {
  Server server;
  RawClient client(server.port());
  const char* const request =
      "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  client.send(request + std::string("\x81\x81\0\0\0\0a", 7));
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  CHECK(client.read_frame()->payload == "echo a");
}

TEST_CASE("a message goes to all clients of a WebSocket") {
  Server server;
  RawClient a(server.port()), b(server.port());
  a.upgrade("/live", "");
  b.upgrade("/live", "");
  b.send_frame(1, "x");
  CHECK(b.read_frame()->payload == "echo x");
  a.send_frame(1, "all");
  CHECK(a.read_frame()->payload == "to all");
  CHECK(b.read_frame()->payload == "to all");
}

TEST_CASE("what is no message ends a WebSocket, and only that one") {
  WebSocketLimits limits;
  limits.most_message_bytes = 1000;
  Server server(patient(), limits);
  RawClient good(server.port());
  good.upgrade("/live", "");
  const auto code_after = [&](const auto& act) {
    RawClient client(server.port());
    REQUIRE(client.upgrade("/live", "").starts_with("HTTP/1.1 101 "));
    act(client);
    const auto frame = client.read_frame();
    if (!frame || frame->opcode != 8 || frame->payload.size() < 2) return 0;
    return static_cast<unsigned char>(frame->payload[0]) * 256 + static_cast<unsigned char>(frame->payload[1]);
  };
  CHECK(code_after([](RawClient& c) { c.send_frame(1, std::string(1001, 'x')); }) == 1009);
  CHECK(code_after([](RawClient& c) { c.send_frame(2, "binary"); }) == 1003);
  CHECK(code_after([](RawClient& c) { c.send_frame(1, "\xFF\xFE"); }) == 1007);
  CHECK(code_after([](RawClient& c) { c.send_frame(5, "reserved"); }) == 1002);
  CHECK(code_after([](RawClient& c) { c.send("\x81\x01x"); }) == 1002);  // not masked
  CHECK(code_after([](RawClient& c) { c.send_frame(1, "throw"); }) == 0);
  good.send_frame(1, "x");
  CHECK(good.read_frame()->payload == "echo x");
  RawClient plain(server.port());
  plain.send(get("/live"));
  CHECK(plain.read_answer().starts_with("HTTP/1.1 426 "));
}

TEST_CASE("a client that does not keep up is dropped, and the others get everything") {
  WebSocketLimits limits;
  limits.most_queued_messages = 50;
  Server server(patient(), limits);
  RawClient slow(server.port(), 4096), fast(server.port());
  slow.upgrade("/live", "");
  fast.upgrade("/live", "");
  fast.send_frame(1, "x");
  CHECK(fast.read_frame()->payload == "echo x");
  const auto text = std::make_shared<const std::string>(std::string(50'000, 'm'));
  int received = 0;
  for (int i = 0; i < 400; ++i) {
    server.on_loop([&] { server.hub->broadcast(text); });
    const auto frame = fast.read_frame();
    received += frame && frame->payload == *text ? 1 : 0;
  }
  CHECK(received == 400);
  CHECK(server.on_loop([&] { return server.hub->dropped(); }) == 1);
  CHECK(server.on_loop([&] { return server.hub->clients(); }) == 1);
  CHECK(server.has_connections(1));
  CHECK(slow.closed());
}

TEST_CASE("a client that shows no sign of life is asked, and then dropped") {
  WebSocketLimits limits;
  limits.idle_timeout = 100ms;
  Server server(patient(), limits);
  RawClient client(server.port());
  client.upgrade("/live", "");
  const auto ping = client.read_frame();
  REQUIRE(ping);
  CHECK(ping->opcode == 9);
  CHECK(client.closed());
  CHECK(server.has_connections(0));
  CHECK(server.closed == 1);
}

TEST_CASE("stopping answers what is in work, says goodbye, and leaves nothing behind") {
  const std::size_t before = open_descriptors();
  {
    Server server;
    RawClient idle(server.port()), slow(server.port()), stream(server.port()), socket(server.port());
    idle.send(get("/hello/a"));
    idle.read_answer();
    socket.upgrade("/live", "");
    stream.send(get("/wait"));
    stream.read_until("first");
    slow.send(get("/slow"));
    CHECK(server.has_connections(4));
    REQUIRE(Server::comes_true([&] { return server.handled == 2; }));
    auto goodbye = std::async(std::launch::async, [&] {
      const auto frame = socket.read_frame();
      socket.send_frame(8, frame->payload);
      socket.shutdown_send();
      return *frame;
    });
    auto answered = std::async(std::launch::async, [&] {
      std::string answer = slow.read_answer();
      slow.shutdown_send();
      return answer;
    });
    server.stop(10s);
    const std::string answer = answered.get();
    CHECK(answer.ends_with("\r\n\r\nslow"));
    const RawClient::Frame frame = goodbye.get();
    CHECK(frame.opcode == 8);
    CHECK(frame.payload == "\x03\xE9");
    CHECK(idle.closed());
    CHECK(stream.closed());
    CHECK(server.connections() == 0);
    CHECK(server.stream_ended == 1);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("stopping does not wait longer than told for who does not listen") {
  Server server;
  RawClient deaf(server.port(), 4096), socket(server.port());
  deaf.send(get("/big"));
  socket.upgrade("/live", "");
  CHECK(server.has_connections(2));
  const auto start = std::chrono::steady_clock::now();
  server.stop(50ms);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  CHECK(server.connections() == 0);
}

TEST_CASE("a server may go away in the middle of everything") {
  const std::size_t before = open_descriptors();
  {
    auto server = std::make_unique<Server>();
    RawClient a(server->port()), b(server->port()), c(server->port());
    a.send(get("/wait"));
    a.read_until("first");
    b.upgrade("/live", "");
    c.send(get("/slow"));
    CHECK(server->has_connections(3));
    server.reset();
    CHECK(a.closed());
    CHECK(b.closed());
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("an address that cannot be listened on is an error that says why") {
  asio::io_context io(1);
  const auto at = [&](const std::string& listen) {
    HttpServerConfig config;
    config.listen = listen;
    return HttpServer::create(io.get_executor(), config);
  };
  for (const char* listen :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999", "example.com:80", ":80"}) {
    CAPTURE(std::string(listen));
    CHECK(at(listen).error().code == Errc::invalid);
  }
  const auto first = at("localhost:0");
  REQUIRE(first);
  const auto second = at("127.0.0.1:" + std::to_string((*first)->port()));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::exists);
  CHECK(second.error().message().find("another program listens there") != std::string::npos);
  CHECK(at("192.0.2.1:0").error().code == Errc::io);
}
