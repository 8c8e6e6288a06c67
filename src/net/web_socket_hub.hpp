#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "net/http_reply.hpp"

namespace perch::net {

struct WebSocketLimits {
  std::size_t most_queued_messages = 256;
  std::size_t most_queued_bytes = 4'000'000;
  std::size_t most_message_bytes = 65'536;  ///< of one that comes in
  Milliseconds idle_timeout{30'000};        ///< a client that shows no sign of life is asked after half of it
  Milliseconds handshake_timeout{10'000};   ///< of opening, and of closing
};

using WebSocketClient = Id<struct WebSocketClientTag, std::uint64_t>;
/// A message, shared by all who get it.
using SharedText = std::shared_ptr<const std::string>;

/// The clients of one WebSocket path. Each has a queue of its own; a client whose queue is full is dropped, not waited
/// for. @thread io
class WebSocketHub {
 public:
  /// What happens to clients. Called in order for one client: `opened` once, then messages, then `closed` once. They
  /// may call the hub.
  struct Events {
    std::function<void(WebSocketClient, const HttpCall&)> opened;
    std::function<void(WebSocketClient, std::string)> message;  ///< a text message, UTF-8
    std::function<void(WebSocketClient)> closed;
  };

  WebSocketHub(asio::any_io_executor executor, const WebSocketLimits& limits, Events events);
  ~WebSocketHub();
  WebSocketHub(const WebSocketHub&) = delete;
  WebSocketHub& operator=(const WebSocketHub&) = delete;

  /// Queues a message for every client.
  void broadcast(const SharedText& text);
  /// Queues a message for one client. False when it is gone, or was dropped for this.
  bool send(WebSocketClient client, const SharedText& text);
  /// Closes one after what is queued has been sent.
  void close(WebSocketClient client);
  void close_all();

  std::size_t clients() const { return clients_.size(); }

  /// Clients dropped because they did not keep up.
  std::uint64_t dropped() const { return dropped_; }

  const WebSocketLimits& limits() const { return limits_; }

  /// One client's end of the hub, for the connection that serves it.
  struct Client {
    explicit Client(const asio::any_io_executor& executor) : wake(executor) {}

    WebSocketClient id;
    std::deque<SharedText> queue;
    std::size_t queued_bytes = 0;
    bool closing = false;          ///< to be closed once the queue is empty
    asio::steady_timer wake;       ///< cancelled when there is something to do
    std::function<void()> hangup;  ///< ends the connection at once
  };

  /// A connection's side: a client has come.
  std::shared_ptr<Client> join(const HttpCall& call, std::function<void()> hangup);
  void deliver(const Client& client, std::string text);
  void leave(const Client& client);

 private:
  bool enqueue(Client& client, const SharedText& text) const;
  void drop(WebSocketClient id);

  asio::any_io_executor executor_;
  WebSocketLimits limits_;
  Events events_;
  std::map<WebSocketClient, std::shared_ptr<Client>> clients_;
  std::uint64_t next_ = 1, dropped_ = 0;
};

}  // namespace perch::net
