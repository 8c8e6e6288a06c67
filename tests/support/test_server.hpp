#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_st;

namespace perch::test {

class TlsIdentity;

/// One connection of a `TestServer`, in the hands of its handler. @thread the connection's own
class Connection {
 public:
  /// @param tls null: bytes go as they are
  explicit Connection(int fd, ssl_st* tls = nullptr) : fd_(fd), tls_(tls) {}

  /// Sends bytes as they are. False when the other side has gone.
  bool send(std::string_view bytes);
  /// A whole HTTP answer with `Content-Length`.
  bool respond(int status, std::string_view type, std::string_view body);
  /// Waits until the other side closes, or the server stops: a server that accepts and never answers.
  void hang();
  /// Reads one request head (up to the empty line). Empty when the other side has closed.
  std::string read_head();
  /// Waits at most this long for the other side to close. Whether it has.
  bool closed_within(std::chrono::milliseconds wait);

 private:
  long receive(char* into, std::size_t size);

  int fd_;
  ssl_st* tls_;
  std::string buffer_;
};

/// A TCP server on a free loopback port that does to each request exactly what it is told, and so can fail in every way
/// that a camera can. Stops and joins its threads when destroyed. Not a model of a good server.
class TestServer {
 public:
  /// Called for each request with its head; returns whether to keep the connection open for another.
  using Handler = std::function<bool(Connection&, const std::string& head)>;

  explicit TestServer(Handler handler);
  /// Speaks TLS. `identity` outlives the server.
  TestServer(Handler handler, const TlsIdentity& identity);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::uint16_t port() const { return port_; }

  /// Dies: closes its port and every connection, and waits for its threads.
  void stop();
  /// Returns on the same port.
  void restart();

  /// `http://127.0.0.1:PORT/path`, or https
  std::string url(std::string_view path = "/") const;

  int connections() const { return connections_; }

  int requests() const { return requests_; }

 private:
  void listen();
  void accept_loop();
  void serve(int fd);

  Handler handler_;
  const TlsIdentity* identity_ = nullptr;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0, requests_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::jthread> threads_;
  std::jthread acceptor_;
};

}  // namespace perch::test
