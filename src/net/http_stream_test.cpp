#include <doctest/doctest.h>

#include "net/http_client.hpp"
#include "support/http_gets.hpp"

using namespace std::chrono_literals;
using perch::Errc;
using perch::net::HttpRequest;
using perch::net::HttpStream;
using perch::test::Connection;
using perch::test::hasty_request_to;
using perch::test::HttpGets;
using perch::test::request_to;
using perch::test::sending;
using perch::test::TestServer;

TEST_CASE("a stream is read as it comes, to its end") {
  const TestServer server(sending("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\nabc"));
  HttpGets client;
  auto stream = client.open(request_to(server.url()));
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
  HttpGets client;
  HttpRequest request = hasty_request_to(server.url());
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
    for (std::size_t at = 0; at < more->size();) {  // by what lies in one block of the sender
      const std::size_t count = std::min(more->size() - at, 65'536 - received % 65'536);
      const std::string block(count, static_cast<char>('a' + received / 65'536 % 26));
      right = right && as_text(*more).substr(at, count) == block;
      at += count;
      received += count;
    }
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
  HttpGets client;
  auto stream = client.open(hasty_request_to(server.url()));
  REQUIRE(stream);
  CHECK(client.read(*stream));
  const auto stalled = client.read(*stream);
  REQUIRE_FALSE(stalled);
  CHECK(stalled.error().code == Errc::timeout);
  CHECK(client.read(*stream).error().code == Errc::timeout);
  while (gone < 1) std::this_thread::yield();
  {
    const auto another = client.open(request_to(server.url()));
    REQUIRE(another);
  }
  while (gone < 2) std::this_thread::yield();
}

TEST_CASE("a stream that breaks off is an error, not an end") {
  const TestServer server(sending("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"));
  HttpGets client;
  auto stream = client.open(request_to(server.url()));
  REQUIRE(stream);
  CHECK(client.read(*stream));
  CHECK(client.read(*stream).error().code == Errc::io);
}
