#include "net/http_client.hpp"

#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include "support/http_gets.hpp"
#include "support/looks.hpp"

using namespace std::chrono_literals;
namespace asio = boost::asio;
using perch::Errc;
using perch::Result;
using perch::net::HttpClient;
using perch::net::HttpRequest;
using perch::net::HttpResponse;
using perch::net::HttpStream;
using perch::test::answer;
using perch::test::Connection;
using perch::test::hasty_request_to;
using perch::test::HttpGets;
using perch::test::open_descriptors;
using perch::test::request_to;
using perch::test::run_coroutine;
using perch::test::says;
using perch::test::sending;
using perch::test::TestServer;

TEST_CASE("an answer has its status, type, headers, body and the time of its last byte") {
  const TestServer server([](Connection& c, const std::string& head) {
    CHECK(says(head, "GET /jpg?a=1 HTTP/1.1"));
    CHECK(says(head, "X-Mine: yes\r\n"));
    return c.send("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nX-Timestamp: 7\r\nContent-Length: 3\r\n\r\nabc");
  });
  HttpGets client;
  const perch::SystemClock clock;
  const auto before = clock.monotonic();
  HttpRequest request = request_to(server.url("/jpg?a=1"));
  request.headers = {{"X-Mine", "yes"}};
  const auto got = client.get(request);
  REQUIRE(got);
  CHECK(got->status == 200);
  CHECK(got->content_type == "image/jpeg");
  CHECK(perch::net::find_header(got->headers, "x-timestamp") == "7");
  CHECK(perch::as_text(got->body) == "abc");
  CHECK(got->last_byte.monotonic >= before);
  CHECK(got->last_byte.monotonic <= clock.monotonic());
}

TEST_CASE("what a server answers instead of a picture is said") {
  struct Case {
    int status;
    Errc code;
  };

  for (const Case& c : {Case{404, Errc::not_found}, Case{401, Errc::denied}, Case{403, Errc::denied},
                        Case{500, Errc::io}, Case{304, Errc::io}}) {
    CAPTURE(c.status);
    const TestServer server([&](Connection& to_client, const std::string&) {
      return to_client.respond(c.status, "text/html", c.status == 304 ? "" : "<html>");
    });
    HttpGets client;
    const auto got = client.get(request_to(server.url()));
    if (c.status == 304) {
      CHECK((got && got->status == 304));
      continue;
    }
    REQUIRE_FALSE(got);
    CHECK(got.error().code == c.code);
    CHECK(says(got.error().what, std::to_string(c.status)));
    CHECK(client.open(request_to(server.url())).error().code == c.code);
  }
}

TEST_CASE("HTML instead of a picture is an answer that says so") {
  const TestServer server([](Connection& c, const std::string&) { return c.respond(200, "text/html", "<html>"); });
  HttpGets client;
  CHECK(client.get(request_to(server.url())).value().content_type == "text/html");
}

TEST_CASE("a server that accepts and never answers runs into the timeout") {
  const TestServer server([](Connection& c, const std::string&) {
    c.hang();
    return false;
  });
  HttpGets client;
  const auto got = client.get(hasty_request_to(server.url()));
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::timeout);
  CHECK(got.error().what == "no whole answer within 150 ms");
  CHECK(client.open(hasty_request_to(server.url())).error().code == Errc::timeout);
}

TEST_CASE("a server that drips runs into the timeout, one that stops into the stall limit") {
  const TestServer dripping([](Connection& c, const std::string&) {
    if (!c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")) return false;
    while (!c.closed_within(20ms))
      if (!c.send("x")) break;
    return false;
  });
  const TestServer stopping([](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxxx");
    c.hang();
    return false;
  });
  HttpGets client;
  const auto dripped = client.get(hasty_request_to(dripping.url()));
  REQUIRE_FALSE(dripped);
  CHECK(dripped.error().code == Errc::timeout);
  CHECK(says(dripped.error().what, "no whole answer"));
  const auto stopped = client.get(hasty_request_to(stopping.url()));
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == Errc::timeout);
  CHECK(says(stopped.error().what, "stalled"));
  HttpRequest slow = hasty_request_to(dripping.url());
  slow.stall_bytes = 100;
  CHECK(says(client.get(slow).error().what, "stalled"));
}

TEST_CASE("what breaks off, or never was HTTP, is an error") {
  for (const char* sent :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxxx", "HTTP/1.1 200 OK\r\nContent-Le",
        "\xFF\xD8\xFF\xE0 here is a picture at once", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    CAPTURE(std::string(sent));
    const TestServer server(sending(sent));
    HttpGets client;
    const auto got = client.get(request_to(server.url()));
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::io);
    CHECK(got.error().where == server.url());
  }
}

TEST_CASE("endless headers are refused") {
  for (const char* piece :
       {"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"}) {
    const TestServer server([&](Connection& c, const std::string&) {
      c.send("HTTP/1.1 200 OK\r\nX: ");
      while (c.send(piece)) {
      }
      return false;
    });
    HttpGets client;
    const auto got = client.get(request_to(server.url()));
    REQUIRE_FALSE(got);
    CHECK((got.error().code == Errc::too_large || got.error().code == Errc::io));
    CHECK(server.requests() == 1);
  }
}

TEST_CASE("a body over the limit is refused: announced, or while it comes in") {
  HttpRequest request;
  request.most_bytes = 100'000;
  const TestServer announcing(sending("HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\nxxx"));
  const TestServer pouring([](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\n\r\n");
    while (c.send(std::string(65'536, 'x'))) {
    }
    return false;
  });
  for (const TestServer* server : {&announcing, &pouring}) {
    HttpGets client;
    request.url = server->url();
    const auto got = client.get(request);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::too_large);
    CHECK(says(got.error().what, "100 kB"));
  }
  const TestServer error([](Connection& c, const std::string&) {
    c.send("HTTP/1.1 500 X\r\n\r\n");
    while (c.send(std::string(65'536, 'x'))) {
    }
    return false;
  });
  HttpGets client;
  CHECK(says(client.get(request_to(error.url())).error().what, "500"));
}

TEST_CASE("a server that dies and returns is reached again") {
  TestServer server([](Connection& c, const std::string&) { return answer(c); });
  HttpGets client;
  CHECK(client.get(request_to(server.url())));
  server.stop();
  const auto dead = client.get(request_to(server.url()));
  REQUIRE_FALSE(dead);
  CHECK(dead.error().code == Errc::io);
  CHECK(says(dead.error().what, "cannot connect"));
  server.restart();
  CHECK(client.get(request_to(server.url())));
}

TEST_CASE("many gets use one connection, to each of many servers in turn") {
  std::vector<std::unique_ptr<TestServer>> servers;
  for (int i = 0; i < 24; ++i)
    servers.push_back(std::make_unique<TestServer>([](Connection& c, const std::string&) { return answer(c); }));
  HttpGets client;
  for (int round = 0; round < 5; ++round)
    for (const auto& server : servers) REQUIRE(client.get(request_to(server->url())));
  for (const auto& server : servers) {
    CHECK(server->connections() == 1);
    CHECK(server->requests() == 5);
  }
}

TEST_CASE("addresses and headers that cannot be are refused before anything is sent") {
  HttpGets client;
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/x", "http://", "://", ""}) {
    CAPTURE(std::string(url));
    CHECK(client.get(request_to(url)).error().code == Errc::invalid);
    CHECK(client.open(request_to(url)).error().code == Errc::invalid);
  }
  HttpRequest request = request_to("http://127.0.0.1:1/");
  request.headers = {{"X", "a\r\nHost: evil"}};
  CHECK(client.get(request).error().code == Errc::invalid);
}

TEST_CASE("a hundred gets run at once, and leave nothing behind") {
  const std::size_t before = open_descriptors();
  {
    const TestServer server([](Connection& c, const std::string& head) {
      if (says(head, "GET /cut")) {
        c.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
        return false;
      }
      return answer(c, std::string(200'000, 'j'));
    });
    HttpGets client;
    int good = 0, bad = 0;
    for (int i = 0; i < 100; ++i) {
      asio::co_spawn(client.io, client.http.get(request_to(server.url(i % 10 == 0 ? "/cut" : "/jpg"))),
                     [&](const std::exception_ptr&, Result<HttpResponse> got) {
                       ++(got && got->body.size() == 200'000 ? good : bad);
                     });
    }
    while (good + bad < 100) REQUIRE(client.io.run_one_for(20s) > 0);
    CHECK(good == 90);
    CHECK(bad == 10);
    CHECK(server.connections() <= 100);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("cancellation ends a get at once, and the connection with it") {
  bool gone = false;
  const TestServer server([&](Connection& c, const std::string&) {
    gone = c.closed_within(20s);
    return false;
  });
  HttpGets client;
  asio::cancellation_signal cancel;
  std::optional<Result<HttpResponse>> got;
  asio::co_spawn(
      client.io, client.http.get(request_to(server.url())),
      asio::bind_cancellation_slot(
          cancel.slot(), [&](const std::exception_ptr&, Result<HttpResponse> result) { got = std::move(result); }));
  while (server.requests() == 0) client.io.run_one_for(5ms);
  cancel.emit(asio::cancellation_type::terminal);
  while (!got) REQUIRE(client.io.run_one_for(5s) > 0);
  REQUIRE_FALSE(*got);
  CHECK(got->error().code == Errc::canceled);
}

TEST_CASE("a client may go away while transfers run; who waits is told") {
  const std::size_t before = open_descriptors();
  {
    const TestServer server([](Connection& c, const std::string&) {
      c.send("HTTP/1.1 200 OK\r\n\r\nfirst");
      c.hang();
      return false;
    });
    asio::io_context io(1);
    auto client = std::make_optional<HttpClient>(io.get_executor());
    int canceled = 0;
    for (int i = 0; i < 5; ++i) {
      asio::co_spawn(io, client->get(request_to(server.url())),
                     [&](const std::exception_ptr&, Result<HttpResponse> got) {
                       canceled += !got && got.error().code == Errc::canceled ? 1 : 0;
                     });
    }
    std::optional<HttpStream> stream;
    asio::co_spawn(io, client->open(request_to(server.url())),
                   [&](const std::exception_ptr&, Result<HttpStream> opened) { stream = std::move(*opened); });
    while (!stream || server.requests() < 6) io.run_one_for(5ms);
    auto late = client->get(request_to(server.url()));
    client.reset();
    io.run_for(5s);
    CHECK(canceled == 5);
    CHECK(run_coroutine(io, std::move(late)).error().code == Errc::canceled);
    CHECK(run_coroutine(io, stream->read()));
    CHECK(run_coroutine(io, stream->read()).error().code == Errc::canceled);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a loop may go away with everything in it") {
  const std::size_t before = open_descriptors();
  {
    const TestServer server([](Connection& c, const std::string&) {
      c.hang();
      return false;
    });
    HttpGets client;
    asio::co_spawn(client.io, client.http.get(request_to(server.url())), asio::detached);
    while (server.requests() == 0) client.io.run_one_for(5ms);
  }
  CHECK(open_descriptors() == before);
}
