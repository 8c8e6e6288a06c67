#include "net/fetch.hpp"

#include <doctest/doctest.h>

#include "support/test_server.hpp"

using namespace std::chrono_literals;
using perch::Errc;
using perch::net::fetch;
using perch::test::Connection;
using perch::test::TestServer;

namespace {

/// A server that answers every request with this status and body.
TestServer answering(int status, const std::string& body) {
  return TestServer(
      [status, body](Connection& c, const std::string&) { return c.respond(status, "image/jpeg", body); });
}

}  // namespace

TEST_CASE("a body comes back as it was sent") {
  const std::string body("\xFF\xD8\0jpeg", 7);
  const TestServer server = answering(200, body);
  const auto got = fetch(server.url("/jpg"));
  REQUIRE(got);
  CHECK(perch::as_text(*got) == body);
}

TEST_CASE("what an address answers instead of a picture is said") {
  struct Case {
    int status;
    Errc code;
  };

  for (const Case& c : {Case{404, Errc::not_found}, Case{401, Errc::denied}, Case{403, Errc::denied},
                        Case{500, Errc::io}, Case{204, Errc::io}}) {
    CAPTURE(c.status);
    const TestServer server = answering(c.status, "");
    const auto got = fetch(server.url("/x"));
    REQUIRE_FALSE(got);
    CHECK(got.error().code == c.code);
    CHECK(got.error().message().find(std::to_string(c.status)) != std::string::npos);
    CHECK(got.error().where == server.url("/x"));
  }
}

TEST_CASE("a server that accepts and never answers runs into the timeout") {
  const TestServer server([](Connection& c, const std::string&) {
    c.hang();
    return false;
  });
  const auto got = fetch(server.url(), {.timeout = 50ms});
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::timeout);
}

TEST_CASE("a body over the limit is refused while it comes in") {
  const TestServer server([](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\n\r\n");
    while (c.send(std::string(65536, 'x'))) {
    }
    return false;
  });
  const auto got = fetch(server.url(), {.most_bytes = 1'000'000});
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::too_large);
}

TEST_CASE("only http and https are fetched") {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/x", "http://", "://"}) {
    CAPTURE(url);
    const auto got = fetch(url);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::invalid);
  }
}

TEST_CASE("a redirect does not lead out of http") {
  const TestServer server([](Connection& c, const std::string&) {
    return c.send("HTTP/1.1 302 X\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
  });
  CHECK_FALSE(fetch(server.url()));
}

TEST_CASE("a password in an address is sent, but not shown") {
  std::string authorization;
  const TestServer server([&](Connection& c, const std::string& head) {
    if (head.find("Authorization: ") == std::string::npos)
      return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
    authorization = head;
    return c.respond(404, "text/plain", "");
  });
  const auto got = fetch("http://user:secret@127.0.0.1:" + std::to_string(server.port()) + "/jpg");
  CHECK(authorization.find("Authorization: Basic dXNlcjpzZWNyZXQ=") != std::string::npos);
  REQUIRE_FALSE(got);
  CHECK(got.error().message().find("secret") == std::string::npos);
}
