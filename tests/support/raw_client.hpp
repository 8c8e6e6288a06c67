#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace perch::test {

/// A blocking TCP client that sends whatever bytes it is told to: a browser, or something that is none.
/// @thread its own, never the server's
class RawClient {
 public:
  /// Connects to a loopback port; ends the program if nobody listens.
  /// @param receive_buffer what the kernel takes for us, in bytes; 0: its own choice
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view bytes);
  void shutdown_send();

  /// Up to and with `text`, or all there was until the other side closed, or until nothing came for `patience`.
  std::string read_until(std::string_view text);
  std::string read_bytes(std::size_t count);
  std::string read_all();
  /// A whole answer with `Content-Length`: head and body.
  std::string read_answer();
  /// Whether the other side has closed the connection; waits at most `patience`. Throws away what comes before.
  bool closed();

  /// Becomes a WebSocket. The answer's head.
  std::string upgrade(std::string_view path, std::string_view headers);
  /// A masked frame. Opcodes: 1 text, 2 binary, 8 close, 9 ping, 10 pong.
  bool send_frame(int opcode, std::string_view payload, bool last = true);

  struct Frame {
    int opcode;
    std::string payload;
  };

  /// Nothing when the connection has ended.
  std::optional<Frame> read_frame();

  std::chrono::milliseconds patience{20'000};

 private:
  bool receive();

  int fd_;
  std::string buffer_;
};

}  // namespace perch::test
