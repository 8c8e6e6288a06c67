#include "net/fetch.hpp"

#include <thread>

#include <doctest/doctest.h>

#include "support/test_server.hpp"

using namespace std::chrono_literals;
using perch::Errc;
using perch::net::fetch;
using perch::net::fetch_picture;
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

TEST_CASE("of a stream of pictures the first is taken, and the stream is left") {
  const std::string jpeg("\xFF\xD8\xFF\xD9", 4);
  const TestServer server([&](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n");
    c.send("--b\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno\r\n");
    while (c.send("--b\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\n" + jpeg + "\r\n")) {
    }
    return false;
  });
  const auto got = fetch_picture(server.url("/mjpeg"));
  REQUIRE(got);
  CHECK(perch::as_text(*got) == jpeg);
}

TEST_CASE("what is no stream is taken whole, and an answer that is none is said as by fetch") {
  const std::string body("\xFF\xD8\0jpeg", 7);
  CHECK(perch::as_text(fetch_picture(answering(200, body).url("/jpg")).value()) == body);
  CHECK(fetch_picture(answering(200, "").url("/empty")).value().empty());
  CHECK(fetch_picture(answering(404, "").url("/x")).error().code == Errc::not_found);
  CHECK(fetch_picture("ftp://127.0.0.1/x").error().code == Errc::invalid);
  const auto large = fetch_picture(answering(200, std::string(3000, 'x')).url("/large"), {.most_bytes = 1000});
  REQUIRE_FALSE(large);
  CHECK(large.error().code == Errc::too_large);
}

TEST_CASE("a stream without a picture is said to be one, when it ends and when it goes on") {
  const auto streaming = [](bool for_ever) {
    return TestServer([for_ever](Connection& c, const std::string&) {
      c.send("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n");
      do {
        if (!c.send("--b\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno\r\n")) return false;
        std::this_thread::sleep_for(5ms);
      } while (for_ever);
      return false;
    });
  };
  const TestServer ends = streaming(false), goes_on = streaming(true);
  const auto ended = fetch_picture(ends.url());
  REQUIRE_FALSE(ended);
  CHECK(ended.error().message().find("ended without a picture") != std::string::npos);
  const auto endless = fetch_picture(goes_on.url(), {.timeout = 50ms});
  REQUIRE_FALSE(endless);
  CHECK(endless.error().message().find("no picture within") != std::string::npos);
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

TEST_CASE("an address that leads back to itself is left, and said to") {
  const TestServer server([](Connection& c, const std::string&) {
    return c.send("HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
  });
  const auto got = fetch(server.url());
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::io);
  CHECK(got.error().message().find("more than 5 times") != std::string::npos);
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
