#include "net/http_router.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "net/web_socket_hub.hpp"

using perch::Errc;
using perch::Error;
using perch::SharedBytes;
using perch::net::etag_matches;
using perch::net::Headers;
using perch::net::HostRules;
using perch::net::HttpCall;
using perch::net::HttpReply;
using perch::net::HttpRequestHead;
using perch::net::HttpRouter;

namespace {

perch::net::HttpHandler nothing() {
  return [](HttpCall) -> boost::asio::awaitable<HttpReply> { co_return HttpReply{}; };
}

HttpRouter router() {
  HttpRouter out;
  out.add("GET", "/api/cameras/{name}/latest.jpg", nothing());
  out.add("GET", "/api/cameras", nothing());
  out.add("POST", "/api/cameras", nothing());
  static boost::asio::io_context unused;
  out.add("/api/live", std::make_shared<perch::net::WebSocketHub>(unused.get_executor(), perch::net::WebSocketLimits{},
                                                                  perch::net::WebSocketHub::Events{}));
  return out;
}

struct Got {
  int status = 0;  ///< 0: goes to a handler, -1: to a WebSocket
  HttpReply reply;
  HttpCall call;
};

Got route(std::string method, std::string target, Headers headers = {{"Host", "localhost"}}) {
  static const HttpRouter kRouter = router();
  static const HostRules kRules("127.0.0.1", {}, {});
  auto out = kRouter.route({std::move(method), std::move(target), std::move(headers), "10.0.0.9", "127.0.0.1"}, kRules);
  if (auto* reply = std::get_if<HttpReply>(&out)) return {reply->status, *reply, {}};
  if (auto* socket = std::get_if<HttpRouter::ToWebSocket>(&out)) return {-1, {}, socket->call};
  return {0, {}, std::get<HttpRouter::ToHandler>(out).call};
}

std::string body(const HttpReply& reply) {
  return std::string(perch::as_text(reply.body.view()));
}

}  // namespace

TEST_CASE("an error is JSON with a remedy and the status that fits") {
  const HttpReply reply = HttpReply::error(Error{Errc::not_found, "no camera 'fron\"t'", "", "did you mean 'front'?"});
  CHECK(reply.status == 404);
  CHECK(reply.content_type == "application/json");
  CHECK(body(reply) == R"({"error":"no camera 'fron\"t'","remedy":"did you mean 'front'?"})");
  CHECK(HttpReply::error(Error{Errc::invalid, "x", "limit", ""}).status == 400);
  CHECK(body(HttpReply::error(Error{Errc::invalid, "x", "limit", ""})) == R"({"error":"limit: x","remedy":""})");
  CHECK(HttpReply::error(Error{Errc::full, "x", "", ""}).status == 503);
}

TEST_CASE("a head says length, type and what becomes of the connection, and cannot be split") {
  HttpReply reply = HttpReply::text("hello");
  reply.headers = {{"X-A", "1\r\nSet-Cookie: evil"}};
  const std::string head = reply_head(reply, true);
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n"));
  CHECK(head.find("\r\nX-A: 1  Set-Cookie: evil\r\n") != std::string::npos);
  CHECK(head.find("\r\nX-Content-Type-Options: nosniff\r\n") != std::string::npos);
  CHECK(head.ends_with("Connection: keep-alive\r\n\r\n"));
  const auto stream = HttpReply::stream("multipart/x-mixed-replace; boundary=x", [] {
    return []() -> boost::asio::awaitable<std::optional<perch::net::HttpChunk>> { co_return std::nullopt; }();
  });
  CHECK(reply_head(stream, false).find("Content-Length") == std::string::npos);
  reply.status = 304;
  CHECK(reply_head(reply, true).find("\r\nContent-") == std::string::npos);
}

TEST_CASE("what a client has already is not sent again") {
  CHECK(etag_matches("\"a\"", "a"));
  CHECK(etag_matches("\"x\", W/\"a\"", "a"));
  CHECK(etag_matches("*", "a"));
  for (const char* text : {"", "a", "\"b\"", "\"a", "\"aa\"", "\""}) CHECK_FALSE(etag_matches(text, "a"));

  HttpCall call;
  call.method = "GET";
  HttpReply first = HttpReply::text("hello");
  make_conditional(first, call);
  CHECK(first.status == 200);
  REQUIRE_FALSE(first.etag.empty());
  call.headers = {{"if-none-match", '"' + first.etag + '"'}};
  HttpReply again = HttpReply::text("hello"), changed = HttpReply::text("hello!");
  make_conditional(again, call);
  make_conditional(changed, call);
  CHECK(again.status == 304);
  CHECK(again.body.size() == 0);
  CHECK(changed.status == 200);
  call.method = "POST";
  HttpReply posted = HttpReply::text("hello");
  make_conditional(posted, call);
  CHECK(posted.status == 200);
}

TEST_CASE("a request finds its handler by method and path") {
  const Got got = route("GET", "/api/cameras/front%20door/latest.jpg?t=1");
  CHECK(got.status == 0);
  CHECK(got.call.param("name") == "front door");
  CHECK(got.call.query.get("t") == "1");
  CHECK(got.call.remote == "10.0.0.9");
  CHECK(route("HEAD", "/api/cameras").call.method == "GET");
  CHECK(route("GET", "http://localhost/api/cameras").status == 0);
  CHECK(route("GET", "/api/nothing").status == 404);
  CHECK(body(route("GET", "/api/nothing").reply) == R"({"error":"there is no /api/nothing","remedy":""})");
  CHECK(route("GET", "/%zz").status == 400);
  CHECK(route("GET", "nonsense").status == 400);
}

TEST_CASE("what a path does not do is refused with what it does") {
  const Got got = route("DELETE", "/api/cameras");
  CHECK(got.status == 405);
  CHECK(perch::net::find_header(got.reply.headers, "Allow") == "GET, HEAD, OPTIONS, POST");
  const Got asked = route("OPTIONS", "/api/cameras/x/latest.jpg");
  CHECK(asked.status == 204);
  CHECK(perch::net::find_header(asked.reply.headers, "Allow") == "GET, HEAD, OPTIONS");
  CHECK(route("OPTIONS", "*").status == 204);
  CHECK(route("GET", "*").status == 405);
}

TEST_CASE("a request that names no host, two, or another's is refused") {
  CHECK(route("GET", "/api/cameras", {}).status == 400);
  CHECK(route("GET", "/api/cameras", {{"Host", "localhost"}, {"host", "localhost"}}).status == 400);
  CHECK(route("GET", "/api/cameras", {{"Host", "evil.example"}}).status == 403);
  CHECK(route("GET", "http://evil.example/api/cameras").status == 403);
  CHECK(route("OPTIONS", "/api/cameras", {{"Host", "evil.example"}}).status == 403);
}

TEST_CASE("a page of an allowed origin may read answers, errors too; no other may") {
  const HostRules rules("127.0.0.1", {}, {"https://Panel.example"});
  const HttpRouter all = router();
  using Routed = std::variant<HttpReply, HttpRouter::ToHandler, HttpRouter::ToWebSocket>;
  const auto ask = [&](std::string method, std::string target, const char* origin, Headers more = {}) {
    more.emplace_back("Host", "localhost");
    if (origin) more.emplace_back("Origin", origin);
    Routed routed = all.route({std::move(method), std::move(target), more, "10.0.0.9", "127.0.0.1"}, rules);
    if (auto* reply = std::get_if<HttpReply>(&routed)) return reply->headers;
    return std::get<HttpRouter::ToHandler>(routed).sharing;
  };
  const auto allowed = [](const Headers& headers) {
    return std::string(perch::net::find_header(headers, "Access-Control-Allow-Origin"));
  };
  for (const char* target : {"/api/cameras", "/api/cameras/x/latest.jpg", "/api/nothing"}) {
    CAPTURE(target);
    CHECK(allowed(ask("GET", target, "https://panel.example")) == "https://panel.example");
    CHECK(allowed(ask("HEAD", target, "https://panel.example")) == "https://panel.example");
    for (const char* other :
         {"http://panel.example", "https://panel.example.evil", "https://evil.example", "null", "*"})
      CHECK(allowed(ask("GET", target, other)).empty());
    CHECK(allowed(ask("GET", target, nullptr)).empty());
    CHECK(perch::net::find_header(ask("GET", target, nullptr), "Vary") == "Origin");
    CHECK(perch::net::find_header(ask("GET", target, "https://panel.example"), "Access-Control-Allow-Credentials")
              .empty());
  }
  const Headers preflight{{"Access-Control-Request-Method", "GET"},
                          {"Access-Control-Request-Headers", "if-none-match"}};
  const Headers granted = ask("OPTIONS", "/api/cameras/x/latest.jpg", "https://panel.example", preflight);
  CHECK(allowed(granted) == "https://panel.example");
  CHECK(perch::net::find_header(granted, "Access-Control-Allow-Methods") == "GET, HEAD, OPTIONS");
  CHECK(perch::net::find_header(granted, "Access-Control-Allow-Headers") == "If-None-Match");
  const Headers refused = ask("OPTIONS", "/api/cameras/x/latest.jpg", "https://evil.example", preflight);
  CHECK(allowed(refused).empty());
  CHECK(perch::net::find_header(refused, "Access-Control-Allow-Methods").empty());
}

TEST_CASE("where no other site is allowed nothing of it is in the answers") {
  for (const char* method : {"OPTIONS", "DELETE"}) {
    const Headers headers =
        route(method, "/api/cameras", {{"Host", "localhost"}, {"Origin", "http://evil.example"}}).reply.headers;
    REQUIRE(headers.size() == 1);
    CHECK(headers[0].first == "Allow");
  }
}

TEST_CASE("pages of other sites may neither act nor listen") {
  const auto headers = [](const char* origin) {
    return Headers{{"Host", "localhost:3000"},
                   {"Origin", origin},
                   {"Connection", "keep-alive, Upgrade"},
                   {"Upgrade", "WebSocket"}};
  };
  CHECK(route("POST", "/api/cameras", headers("http://localhost:3000")).status == 0);
  CHECK(route("POST", "/api/cameras", headers("http://evil.example")).status == 403);
  CHECK(route("POST", "/api/cameras", headers("null")).status == 403);
  CHECK(route("POST", "/api/cameras").status == 0);
  CHECK(route("GET", "/api/cameras", headers("http://evil.example")).status == 0);
  CHECK(route("GET", "/api/live", headers("http://localhost:3000")).status == -1);
  CHECK(route("GET", "/api/live", headers("http://evil.example")).status == 403);
  CHECK(route("GET", "/api/live").status == 426);
}
