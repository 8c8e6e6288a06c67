#include <doctest/doctest.h>

#include "net/web_socket_hub.hpp"
#include "support/http_server_rig.hpp"
#include "support/looks.hpp"
#include "support/raw_client.hpp"

using namespace std::chrono_literals;
using perch::net::WebSocketLimits;
using perch::test::HttpServerRig;
using perch::test::patient_server;
using perch::test::RawClient;
using perch::test::request_for;
using perch::test::says;

TEST_CASE("a WebSocket echoes, answers pings, and says goodbye") {
  HttpServerRig server;
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
  HttpServerRig server;
  RawClient client(server.port());
  const char* const request =
      "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  client.send(request + std::string("\x81\x81\0\0\0\0a", 7));
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  CHECK(client.read_frame()->payload == "echo a");
}

TEST_CASE("a message goes to all clients of a WebSocket") {
  HttpServerRig server;
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
  HttpServerRig server(patient_server(), limits);
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
  plain.send(request_for("/live"));
  CHECK(plain.read_answer().starts_with("HTTP/1.1 426 "));
}

TEST_CASE("a client that does not keep up is dropped, and the others get everything") {
  WebSocketLimits limits;
  limits.most_queued_messages = 50;
  HttpServerRig server(patient_server(), limits);
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
  HttpServerRig server(patient_server(), limits);
  RawClient client(server.port());
  client.upgrade("/live", "");
  const auto ping = client.read_frame();
  REQUIRE(ping);
  CHECK(ping->opcode == 9);
  CHECK(client.closed());
  CHECK(server.has_connections(0));
  CHECK(server.closed == 1);
}
