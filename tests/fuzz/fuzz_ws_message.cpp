#include <cstdlib>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_connection.hpp"

/// A client that sends anything to the real connection code: its bytes as a request, its bytes as frames of a
/// WebSocket, or its bytes as the payload of good frames. Whatever comes, the connection ends when the client does,
/// what a handler gets is within the limits, and each client that has come to the hub leaves it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace perch;
  using namespace perch::net;
  if (size == 0) return 0;
  const std::string_view input = as_text(ByteView(data, size).subspan(1));
  asio::io_context io(1);
  const WebSocketLimits limits{.most_queued_messages = 4,
                               .most_queued_bytes = 1000,
                               .most_message_bytes = 500,
                               .handshake_timeout = Milliseconds(20)};
  int inside = 0;
  std::shared_ptr<WebSocketHub> hub;
  hub = std::make_shared<WebSocketHub>(
      io.get_executor(), limits,
      WebSocketHub::Events{.opened = [&](WebSocketClient, const HttpCall&) { ++inside; },
                           .message =
                               [&](WebSocketClient from, const std::string& text) {
                                 if (text.size() > limits.most_message_bytes || inside != 1) std::abort();
                                 if (text.starts_with("bye")) hub->close(from);
                                 const auto echo = std::make_shared<const std::string>(text);
                                 for (std::size_t i = 0; i < text.size() % 8; ++i) hub->broadcast(echo);
                               },
                           .closed = [&](WebSocketClient) { --inside; }});
  auto serving = std::make_shared<HttpServing>(HttpServing{{}, HostRules("127.0.0.1", {}, {}), {}});
  serving->config.most_header_bytes = 1000;
  serving->config.most_body_bytes = 500;
  serving->router.add("/live", hub);
  serving->router.add("POST", "/{path...}", [](HttpCall call) -> asio::awaitable<HttpReply> {
    if (call.body.size() > 500) std::abort();
    co_return HttpReply::text(call.body);
  });

  std::string sent;
  if (data[0] % 3 > 0)
    sent =
        "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  if (data[0] % 3 < 2) {
    sent += input;
  } else {
    for (std::size_t at = 0; at < input.size();) {  // one length byte, then that much payload, masked with zeros
      const std::string_view payload = input.substr(at + 1, static_cast<unsigned char>(input[at]) % 125);
      sent += '\x81';
      sent += static_cast<char>(0x80 | payload.size());
      sent.append(4, '\0');
      sent += payload;
      at += 1 + payload.size();
    }
  }

  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) std::abort();
  if (::send(ends[0], sent.data(), sent.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(sent.size())) std::abort();
  ::shutdown(ends[0], SHUT_WR);
  asio::ip::tcp::socket socket(io);
  socket.assign(asio::ip::tcp::v4(), ends[1]);
  auto connection = std::make_shared<HttpConnection>();
  bool ended = false;
  asio::co_spawn(io, serve_http(serving, connection, std::move(socket)),
                 [&](const std::exception_ptr&) { ended = true; });
  io.run_for(std::chrono::seconds(5));
  if (!ended || inside != 0) std::abort();
  ::close(ends[0]);
  return 0;
}
