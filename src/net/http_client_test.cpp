#include "net/http_client.hpp"

#include <filesystem>
#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "support/digest_auth.hpp"
#include "support/run_coroutine.hpp"
#include "support/test_server.hpp"
#include "support/tls_identity.hpp"

using namespace std::chrono_literals;
namespace asio = boost::asio;
using perch::Bytes;
using perch::Errc;
using perch::Result;
using perch::net::HttpClient;
using perch::net::HttpRequest;
using perch::net::HttpResponse;
using perch::net::HttpStream;
using perch::test::Connection;
using perch::test::DigestAuth;
using perch::test::run_coroutine;
using perch::test::TestServer;
using perch::test::TlsIdentity;

namespace {

/// A client on its own loop, which runs while somebody waits.
struct Client {
  asio::io_context io{1};
  HttpClient http{io.get_executor()};

  Result<HttpResponse> get(HttpRequest request) { return run_coroutine(io, http.get(std::move(request))); }

  Result<HttpStream> open(HttpRequest request) { return run_coroutine(io, http.open(std::move(request))); }

  Result<Bytes> read(HttpStream& stream) { return run_coroutine(io, stream.read()); }
};

HttpRequest to(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

/// With limits of time that a test can wait for.
HttpRequest hasty(std::string url) {
  HttpRequest request = to(std::move(url));
  request.timeout = 150ms;
  request.stall_timeout = 60ms;
  return request;
}

bool answer(Connection& c, std::string_view body = "picture") {
  return c.respond(200, "image/jpeg", body);
}

bool says(const std::string& head, std::string_view text) {
  return head.find(text) != std::string::npos;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Sends and hangs up.
TestServer::Handler sending(const std::string& bytes) {
  return [bytes](Connection& c, const std::string&) {
    c.send(bytes);
    return false;
  };
}

}  // namespace

TEST_CASE("an answer has its status, type, headers, body and the time of its last byte") {
  const TestServer server([](Connection& c, const std::string& head) {
    CHECK(says(head, "GET /jpg?a=1 HTTP/1.1"));
    CHECK(says(head, "X-Mine: yes\r\n"));
    return c.send("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nX-Timestamp: 7\r\nContent-Length: 3\r\n\r\nabc");
  });
  Client client;
  const perch::SystemClock clock;
  const auto before = clock.monotonic();
  HttpRequest request = to(server.url("/jpg?a=1"));
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
    Client client;
    const auto got = client.get(to(server.url()));
    if (c.status == 304) {
      CHECK((got && got->status == 304));
      continue;
    }
    REQUIRE_FALSE(got);
    CHECK(got.error().code == c.code);
    CHECK(says(got.error().what, std::to_string(c.status)));
    CHECK(client.open(to(server.url())).error().code == c.code);
  }
}

TEST_CASE("HTML instead of a picture is an answer that says so") {
  const TestServer server([](Connection& c, const std::string&) { return c.respond(200, "text/html", "<html>"); });
  Client client;
  CHECK(client.get(to(server.url())).value().content_type == "text/html");
}

TEST_CASE("a server that accepts and never answers runs into the timeout") {
  const TestServer server([](Connection& c, const std::string&) {
    c.hang();
    return false;
  });
  Client client;
  const auto got = client.get(hasty(server.url()));
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::timeout);
  CHECK(got.error().what == "no whole answer within 150 ms");
  CHECK(client.open(hasty(server.url())).error().code == Errc::timeout);
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
  Client client;
  const auto dripped = client.get(hasty(dripping.url()));
  REQUIRE_FALSE(dripped);
  CHECK(dripped.error().code == Errc::timeout);
  CHECK(says(dripped.error().what, "no whole answer"));
  const auto stopped = client.get(hasty(stopping.url()));
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == Errc::timeout);
  CHECK(says(stopped.error().what, "stalled"));
  HttpRequest slow = hasty(dripping.url());
  slow.stall_bytes = 100;
  CHECK(says(client.get(slow).error().what, "stalled"));
}

TEST_CASE("what breaks off, or never was HTTP, is an error") {
  for (const char* sent :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxxx", "HTTP/1.1 200 OK\r\nContent-Le",
        "\xFF\xD8\xFF\xE0 here is a picture at once", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    CAPTURE(std::string(sent));
    const TestServer server(sending(sent));
    Client client;
    const auto got = client.get(to(server.url()));
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
    Client client;
    const auto got = client.get(to(server.url()));
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
    Client client;
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
  Client client;
  CHECK(says(client.get(to(error.url())).error().what, "500"));
}

TEST_CASE("a certificate is trusted by its authority or its key, and not otherwise") {
  const TlsIdentity identity, other;
  const TestServer server([](Connection& c, const std::string&) { return answer(c); }, identity);
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("perch-ca-" + std::to_string(::getpid()));
  identity.write_certificate(file);
  Client client;
  HttpRequest request = to(server.url());

  auto got = client.get(request);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::denied);
  CHECK(says(got.error().what, "certificate"));

  request.tls.ca_file = file;
  CHECK(client.get(request));
  other.write_certificate(file);
  CHECK(Client().get(request).error().code == Errc::denied);
  std::filesystem::remove(file);
  CHECK(Client().get(request).error().code == Errc::invalid);

  request.tls = {.ca_file = {}, .pinned_key = identity.pin()};
  CHECK(Client().get(request));
  request.tls.pinned_key = other.pin();
  CHECK(Client().get(request).error().code == Errc::denied);

  request.tls = {.ca_file = {}, .pinned_key = {}, .any_server = true};
  CHECK(Client().get(request));
}

TEST_CASE("a certificate for another name is refused") {
  const TlsIdentity identity("camera.example");
  const TestServer server([](Connection& c, const std::string&) { return answer(c); }, identity);
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("perch-cn-" + std::to_string(::getpid()));
  identity.write_certificate(file);
  Client client;
  HttpRequest request = to(server.url());
  request.tls.ca_file = file;
  CHECK(client.get(request).error().code == Errc::denied);
  std::filesystem::remove(file);
}

TEST_CASE("a server that dies and returns is reached again") {
  TestServer server([](Connection& c, const std::string&) { return answer(c); });
  Client client;
  CHECK(client.get(to(server.url())));
  server.stop();
  const auto dead = client.get(to(server.url()));
  REQUIRE_FALSE(dead);
  CHECK(dead.error().code == Errc::io);
  CHECK(says(dead.error().what, "cannot connect"));
  server.restart();
  CHECK(client.get(to(server.url())));
}

TEST_CASE("many gets use one connection, to each of many servers in turn") {
  std::vector<std::unique_ptr<TestServer>> servers;
  for (int i = 0; i < 24; ++i)
    servers.push_back(std::make_unique<TestServer>([](Connection& c, const std::string&) { return answer(c); }));
  Client client;
  for (int round = 0; round < 5; ++round)
    for (const auto& server : servers) REQUIRE(client.get(to(server->url())));
  for (const auto& server : servers) {
    CHECK(server->connections() == 1);
    CHECK(server->requests() == 5);
  }
}

TEST_CASE("a password is sent as digest, checked to the last digit, and asked for only once") {
  DigestAuth auth("eve", "se:cret", "n0nce");
  const TestServer server([&](Connection& c, const std::string& head) {
    if (auth.accepts(head)) return answer(c);
    return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: " + auth.challenge() + "\r\nContent-Length: 2\r\n\r\nno");
  });
  Client client;
  HttpRequest request = to(server.url("/jpg?x=1"));
  CHECK(client.get(request).error().code == Errc::denied);
  request.user = "eve";
  request.password = "wrong";
  CHECK(client.get(request).error().code == Errc::denied);
  request.password = "se:cret";
  const int before = server.requests();
  for (int i = 0; i < 10; ++i) REQUIRE(client.get(request));
  CHECK(server.requests() == before + 11);

  SUBCASE("a new nonce is learned") {
    auth = DigestAuth("eve", "se:cret", "another");
    REQUIRE(client.get(request));
    const int now = server.requests();
    REQUIRE(client.get(request));
    CHECK(server.requests() == now + 1);
  }
  SUBCASE("a stream has it too") {
    CHECK(client.open(request));
  }
}

TEST_CASE("a basic password is sent when asked for, and then at once") {
  int without = 0;
  const TestServer server([&](Connection& c, const std::string& head) {
    if (says(head, "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n")) return answer(c);
    ++without;
    return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
  });
  Client client;
  for (int i = 0; i < 3; ++i)
    REQUIRE(client.get(to("http://user:secret@127.0.0.1:" + std::to_string(server.port()) + "/")));
  CHECK(without == 1);
  CHECK(server.connections() == 1);
}

TEST_CASE("after a redirect to another host no password is sent, and no header that carries one") {
  std::string seen;
  const TestServer other([&](Connection& c, const std::string& head) {
    seen = head;
    return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
  });
  const TestServer server([&](Connection& c, const std::string& head) {
    if (!says(head, "Authorization: Basic"))
      return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
    return c.send("HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: http://localhost:" + std::to_string(other.port()) +
                  "/\r\n\r\n");
  });
  Client client;
  HttpRequest request = to(server.url());
  request.user = "user";
  request.password = "secret";
  const auto got = client.get(request);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::denied);
  CHECK(says(seen, "GET / HTTP/1.1"));
  CHECK_FALSE(says(seen, "Authorization"));

  request.headers = {{"Authorization", "Basic x"}, {"Cookie", "session=1"}};
  CHECK_FALSE(client.get(request));
  CHECK_FALSE(says(seen, "Authorization"));
  CHECK_FALSE(says(seen, "Cookie"));
}

TEST_CASE("a redirect is followed within its limits, and never out of http") {
  const TestServer server([](Connection& c, const std::string& head) {
    const auto send_to = [&](const std::string& where) {
      return c.send("HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + where + "\r\n\r\n");
    };
    if (says(head, "GET /ok")) return answer(c);
    if (says(head, "GET /file")) return send_to("file:///etc/passwd");
    if (says(head, "GET /once")) return send_to("/ok");
    return send_to("/round");
  });
  Client client;
  CHECK(client.get(to(server.url("/once"))));
  CHECK_FALSE(client.get(to(server.url("/round"))));
  CHECK_FALSE(client.get(to(server.url("/file"))));
}

TEST_CASE("a proxy of the environment is not used") {
  const TestServer proxy([](Connection& c, const std::string&) { return answer(c, "proxy"); });
  const TestServer server([](Connection& c, const std::string&) { return answer(c, "server"); });
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
  Client client;
  HttpRequest request = to(server.url());
  CHECK(perch::as_text(client.get(request).value().body) == "server");
  request.proxy = proxy.url();
  CHECK(perch::as_text(client.get(request).value().body) == "proxy");
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}

TEST_CASE("addresses and headers that cannot be are refused before anything is sent") {
  Client client;
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/x", "http://", "://", ""}) {
    CAPTURE(std::string(url));
    CHECK(client.get(to(url)).error().code == Errc::invalid);
    CHECK(client.open(to(url)).error().code == Errc::invalid);
  }
  HttpRequest request = to("http://127.0.0.1:1/");
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
    Client client;
    int good = 0, bad = 0;
    for (int i = 0; i < 100; ++i) {
      asio::co_spawn(client.io, client.http.get(to(server.url(i % 10 == 0 ? "/cut" : "/jpg"))),
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
  Client client;
  asio::cancellation_signal cancel;
  std::optional<Result<HttpResponse>> got;
  asio::co_spawn(
      client.io, client.http.get(to(server.url())),
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
      asio::co_spawn(io, client->get(to(server.url())), [&](const std::exception_ptr&, Result<HttpResponse> got) {
        canceled += !got && got.error().code == Errc::canceled ? 1 : 0;
      });
    }
    std::optional<HttpStream> stream;
    asio::co_spawn(io, client->open(to(server.url())),
                   [&](const std::exception_ptr&, Result<HttpStream> opened) { stream = std::move(*opened); });
    while (!stream || server.requests() < 6) io.run_one_for(5ms);
    auto late = client->get(to(server.url()));
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
    Client client;
    asio::co_spawn(client.io, client.http.get(to(server.url())), asio::detached);
    while (server.requests() == 0) client.io.run_one_for(5ms);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a stream is read as it comes, to its end") {
  const TestServer server(sending("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\nabc"));
  Client client;
  auto stream = client.open(to(server.url()));
  REQUIRE(stream);
  CHECK(stream->head().status == 200);
  CHECK(stream->head().content_type == "multipart/x-mixed-replace; boundary=b");
  std::string all;
  for (;;) {
    const auto more = client.read(*stream);
    if (!more) {
      CHECK(more.error().code == Errc::eof);
      break;
    }
    CHECK_FALSE(more->empty());
    all += perch::as_text(*more);
  }
  CHECK(all == "abc");
}

TEST_CASE("a stream that nobody reads holds its sender back, and then goes on whole") {
  std::atomic<std::size_t> sent = 0;
  const TestServer server([&](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\n\r\n");
    std::string block(65'536, '\0');
    for (int i = 0; i < 1000; ++i) {
      block.assign(block.size(), static_cast<char>('a' + i % 26));
      if (!c.send(block)) return false;
      sent += block.size();
    }
    return false;
  });
  Client client;
  HttpRequest request = hasty(server.url());
  request.stall_timeout = 2s;
  auto stream = client.open(request);
  REQUIRE(stream);
  // Nobody reads: what the sender gets rid of is bounded by our buffer and the kernel's.
  std::size_t before = 0;
  do {
    before = sent;
    client.io.run_for(100ms);
  } while (sent != before);
  CHECK(sent < 30'000'000);
  std::size_t received = 0;
  bool right = true;
  for (;;) {
    const auto more = client.read(*stream);
    if (!more) {
      CHECK(more.error().code == Errc::eof);
      break;
    }
    CHECK(more->size() <= HttpStream::kMostBufferedBytes + 65'536);
    for (const std::uint8_t byte : *more) right = right && byte == 'a' + received++ / 65'536 % 26;
  }
  CHECK(right);
  CHECK(received == 65'536'000);
}

TEST_CASE("a stream that stops stalls, and a closed one closes its connection") {
  std::atomic<int> gone = 0;
  const TestServer server([&](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\n\r\nabc");
    c.hang();
    ++gone;
    return false;
  });
  Client client;
  auto stream = client.open(hasty(server.url()));
  REQUIRE(stream);
  CHECK(client.read(*stream));
  const auto stalled = client.read(*stream);
  REQUIRE_FALSE(stalled);
  CHECK(stalled.error().code == Errc::timeout);
  CHECK(client.read(*stream).error().code == Errc::timeout);
  while (gone < 1) std::this_thread::yield();
  {
    const auto another = client.open(to(server.url()));
    REQUIRE(another);
  }
  while (gone < 2) std::this_thread::yield();
}

TEST_CASE("a stream that breaks off is an error, not an end") {
  const TestServer server(sending("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"));
  Client client;
  auto stream = client.open(to(server.url()));
  REQUIRE(stream);
  CHECK(client.read(*stream));
  CHECK(client.read(*stream).error().code == Errc::io);
}
