#include "net/http_server.hpp"

#include <doctest/doctest.h>

#include "net/http_client.hpp"
#include "support/http_server_rig.hpp"
#include "support/looks.hpp"
#include "support/raw_client.hpp"

using namespace std::chrono_literals;
namespace asio = boost::asio;
using perch::Errc;
using perch::net::HttpClient;
using perch::net::HttpRequest;
using perch::net::HttpResponse;
using perch::net::HttpServer;
using perch::net::HttpServerConfig;
using perch::test::hasty_server;
using perch::test::HttpServerRig;
using perch::test::open_descriptors;
using perch::test::patient_server;
using perch::test::RawClient;
using perch::test::request_for;
using perch::test::says;

TEST_CASE("requests are answered in turn on one connection") {
  HttpServerRig server;
  RawClient client(server.port());
  client.send(request_for("/hello/a") + request_for("/hello/b%20c"));
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
  client.send(request_for("/nothing"));
  CHECK(says(client.read_answer(), R"({"error":"there is no /nothing")"));
  client.send(request_for("/hello/a", "Connection: close\r\n"));
  CHECK(says(client.read_answer(), "Connection: close"));
  CHECK(client.closed());
}

TEST_CASE("a body that is waited for is asked for") {
  HttpServerRig server;
  RawClient client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  CHECK(client.read_answer().ends_with("ab"));
}

TEST_CASE("an unchanged answer is not sent twice") {
  HttpServerRig server;
  RawClient client(server.port());
  client.send(request_for("/hello/a"));
  const std::string answer = client.read_answer();
  const std::size_t at = answer.find("ETag: ") + 6;
  const std::string etag = answer.substr(at, answer.find('\r', at) - at);
  client.send(request_for("/hello/a", "If-None-Match: " + etag + "\r\n"));
  const std::string again = client.read_until("\r\n\r\n");
  CHECK(again.starts_with("HTTP/1.1 304"));
  client.send(request_for("/hello/b", "If-None-Match: " + etag + "\r\n"));
  CHECK(client.read_answer().ends_with("hello b"));
}

TEST_CASE("rubbish is answered with 400 or dropped, and harms nobody") {
  HttpServerRig server;
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
  client.send(request_for("/hello/a"));
  CHECK(says(client.read_answer(), "hello a"));
  CHECK(server.handled == 1);
}

TEST_CASE("headers and bodies over their limits are refused, announced or not") {
  HttpServerConfig config = patient_server();
  config.most_header_bytes = 2000;
  config.most_body_bytes = 1000;
  HttpServerRig server(config);
  RawClient headers(server.port());
  headers.send(request_for("/hello/a", "X: " + std::string(3000, 'x') + "\r\n"));
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
  HttpServerRig server;
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

TEST_CASE("a page of an allowed origin may read what a handler answers, also that nothing has changed") {
  HttpServerConfig config = patient_server();
  config.allowed_origins = {"https://panel.example"};
  HttpServerRig server(config);
  const auto answer = [&](const std::string& headers) {
    RawClient client(server.port());
    client.send(request_for("/hello/a", headers));
    return client.read_until("\r\n\r\n");
  };
  const std::string page = "Origin: https://panel.example\r\n", allow = "\r\nAccess-Control-Allow-Origin:";
  for (const std::string& asked : {page, page + "If-None-Match: *\r\n"}) {
    const std::string head = answer(asked);
    CHECK(says(head, allow + " https://panel.example\r\n"));
    CHECK(says(head, "\r\nVary: Origin\r\n"));
  }
  CHECK(answer(page + "If-None-Match: *\r\n").starts_with("HTTP/1.1 304"));
  CHECK_FALSE(says(answer("Origin: https://evil.example\r\n"), allow));
  CHECK_FALSE(says(answer(""), allow));
}

TEST_CASE("who sends a request a byte at a time, or none, is dropped") {
  HttpServerRig server(hasty_server());
  RawClient silent(server.port());
  RawClient slow(server.port());
  const std::string request = request_for("/hello/a", "X: " + std::string(1000, 'x') + "\r\n");
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
  idle.send(request_for("/hello/a"));
  CHECK(says(idle.read_answer(), "hello a"));
  CHECK(idle.closed());
  CHECK(server.has_connections(0));
}

TEST_CASE("who does not take an answer is dropped, who takes it gets it whole") {
  HttpServerConfig config = hasty_server();
  config.write_timeout = 2s;  // for each piece: who takes it needs less, on a busy machine too
  HttpServerRig server(config);
  RawClient stuck(server.port(), 4096);
  stuck.send(request_for("/big"));
  RawClient stuck_stream(server.port(), 4096);
  stuck_stream.send(request_for("/pour"));
  CHECK(server.has_connections(0));
  const int poured = server.pieces;
  CHECK(poured < 100);
  RawClient good(server.port());
  good.send(request_for("/big"));
  const std::string answer = good.read_answer();
  CHECK(answer.ends_with(std::string(1000, 'j')));
  CHECK(answer.size() > 30'000'000);
}

TEST_CASE("a streamed answer comes in pieces, to its end") {
  HttpServerRig server;
  RawClient client(server.port());
  client.send(request_for("/three"));
  const std::string answer = client.read_all();
  CHECK(says(answer, "Content-Type: video"));
  CHECK(says(answer, "Connection: close"));
  CHECK(answer.ends_with("\r\n\r\n1x2x3x"));
  RawClient head(server.port());
  head.send("HEAD /three HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(head.read_all().ends_with("\r\n\r\n"));
}

TEST_CASE("a stream that waits for its next piece notices that the client has gone") {
  HttpServerRig server;
  {
    RawClient client(server.port());
    client.send(request_for("/wait"));
    client.read_until("first");
    CHECK(server.stream_ended == 0);
  }
  CHECK(server.has_connections(0));
  CHECK(server.stream_ended == 1);
}

TEST_CASE("a handler that throws is an answer, not an end") {
  HttpServerRig server;
  RawClient client(server.port());
  client.send(request_for("/throw") + request_for("/hello/a"));
  const std::string failed = client.read_answer();
  CHECK(failed.starts_with("HTTP/1.1 500 "));
  CHECK_FALSE(says(failed, "told to"));
  CHECK(says(client.read_answer(), "hello a"));
}

TEST_CASE("fifty clients at once are all answered") {
  HttpServerRig server;
  asio::io_context io(1);
  HttpClient http(io.get_executor());
  int good = 0, done = 0;
  for (int i = 0; i < 50; ++i) {
    HttpRequest request;
    request.url = server.http->url() + "/hello/" + std::to_string(i);
    asio::co_spawn(io, http.get(request), [&, i](const std::exception_ptr&, perch::Result<HttpResponse> got) {
      ++done;
      if (got && perch::as_text(got->body) == "hello " + std::to_string(i)) ++good;
    });
  }
  while (done < 50) REQUIRE(io.run_one_for(20s) > 0);
  CHECK(good == 50);
}

TEST_CASE("more connections than allowed are turned away with words") {
  HttpServerConfig config = patient_server();
  config.most_connections = 2;
  HttpServerRig server(config);
  {
    RawClient a(server.port()), b(server.port());
    CHECK(server.has_connections(2));
    RawClient c(server.port());
    CHECK(c.read_all().starts_with("HTTP/1.1 503 "));
    a.send(request_for("/hello/a"));
    CHECK(says(a.read_answer(), "hello a"));
  }
  CHECK(server.has_connections(0));
  RawClient d(server.port());
  d.send(request_for("/hello/a"));
  CHECK(says(d.read_answer(), "hello a"));
}

TEST_CASE("stopping answers what is in work, says goodbye, and leaves nothing behind") {
  const std::size_t before = open_descriptors();
  {
    HttpServerRig server;
    RawClient idle(server.port()), slow(server.port()), stream(server.port()), socket(server.port());
    idle.send(request_for("/hello/a"));
    idle.read_answer();
    socket.upgrade("/live", "");
    stream.send(request_for("/wait"));
    stream.read_until("first");
    slow.send(request_for("/slow"));
    CHECK(server.has_connections(4));
    REQUIRE(HttpServerRig::comes_true([&] { return server.handled == 2; }));
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
  HttpServerRig server;
  RawClient deaf(server.port(), 4096), socket(server.port());
  deaf.send(request_for("/big"));
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
    auto server = std::make_unique<HttpServerRig>();
    RawClient a(server->port()), b(server->port()), c(server->port());
    a.send(request_for("/wait"));
    a.read_until("first");
    b.upgrade("/live", "");
    c.send(request_for("/slow"));
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
  CHECK(at("192.0.2.1:0").error().message() ==
        "192.0.2.1:0: this machine has no such address; choose another, or 0.0.0.0 for all");
  CHECK(at("192.0.2.1:0").error().code == Errc::io);
}
