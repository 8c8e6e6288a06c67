#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>

#include "base/log.hpp"
#include "net/http_connection.hpp"

namespace perch::net {

namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = websocket::stream<beast::tcp_stream, false>;  // deflate is never offered

/// What the kernel may hold for a client: what is behind its queue is late.
constexpr int kSendBufferBytes = 256 * 1024;

/// Leaves the hub, however the connection ends.
struct Membership {
  WebSocketHub& hub;
  HttpConnection& connection;
  std::shared_ptr<WebSocketHub::Client> client;

  ~Membership() {
    connection.close = {};
    connection.say_goodbye = {};
    client->hangup = [] {};
    hub.leave(*client);
  }
};

void hang_up(Stream& stream) {
  beast::get_lowest_layer(stream).close();
}

/// Says goodbye, for no longer than this. Beast's close and read can wait for each other for ever when messages come in
/// meanwhile; cancellation, which the timer brings, ends both.
asio::awaitable<void> say_goodbye(Stream& stream, websocket::close_reason reason, Milliseconds patience) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(stream.get_executor(), patience);
  error_code failed, over;
  co_await (stream.async_close(reason, asio::redirect_error(asio::use_awaitable, failed)) ||
            timer.async_wait(asio::redirect_error(asio::use_awaitable, over)));
}

asio::awaitable<void> read_all(Stream& stream, WebSocketHub& hub, const WebSocketHub::Client& client) {
  beast::flat_buffer buffer;
  for (;;) {
    error_code failed;
    co_await stream.async_read(buffer, asio::redirect_error(asio::use_awaitable, failed));
    if (failed) break;
    if (!stream.got_text()) {
      const websocket::close_reason reason(websocket::close_code::unknown_data, "text only");
      co_await say_goodbye(stream, reason, hub.limits().handshake_timeout);
      break;
    }
    try {
      hub.deliver(client, beast::buffers_to_string(buffer.data()));
    } catch (const std::exception& thrown) {
      log::error("a WebSocket message could not be handled: {}", thrown.what());
      break;
    }
    buffer.consume(buffer.size());
  }
  hang_up(stream);
}

asio::awaitable<void> write_all(Stream& stream, WebSocketHub::Client& client, Milliseconds patience) {
  error_code failed;
  while (!failed) {
    if (client.queue.empty()) {
      if (client.closing) break;
      error_code woken;
      co_await client.wake.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      continue;
    }
    const SharedText text = client.queue.front();
    stream.text(true);
    co_await stream.async_write(asio::buffer(*text), asio::redirect_error(asio::use_awaitable, failed));
    client.queue.pop_front();
    client.queued_bytes -= text->size();
  }
  if (!failed) {
    const websocket::close_reason reason(websocket::close_code::going_away);
    co_await say_goodbye(stream, reason, patience);
  }
  hang_up(stream);
}

}  // namespace

asio::awaitable<void> serve_web_socket(std::shared_ptr<WebSocketHub> hub, std::shared_ptr<HttpConnection> connection,
                                       tcp::socket socket, HttpCall call, std::string early) {
  using namespace asio::experimental::awaitable_operators;
  error_code failed;
  (void)socket.set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), failed);
  Stream stream(std::move(socket));
  const WebSocketLimits& limits = hub->limits();
  stream.set_option(websocket::stream_base::timeout{limits.handshake_timeout, limits.idle_timeout, true});
  stream.read_message_max(limits.most_message_bytes);
  stream.auto_fragment(false);
  connection->close = [&stream] { hang_up(stream); };

  // Given as text, so that what came right behind the request is taken for its first messages.
  std::string opening = "GET " + call.path + " HTTP/1.1\r\n";
  for (const auto& [name, value] : call.headers) opening.append(name).append(": ").append(value).append("\r\n");
  opening += "\r\n" + early;
  co_await stream.async_accept(asio::buffer(opening), asio::redirect_error(asio::use_awaitable, failed));
  if (failed) {
    connection->close = {};
    co_return;
  }

  const Membership member{*hub, *connection, hub->join(call, [connection] { connection->abort(); })};
  connection->doing = HttpConnection::Doing::web_socket;
  connection->say_goodbye = [hub, id = member.client->id] { hub->close(id); };
  if (connection->last) hub->close(member.client->id);
  co_await (read_all(stream, *hub, *member.client) || write_all(stream, *member.client, limits.handshake_timeout));
}

}  // namespace perch::net
