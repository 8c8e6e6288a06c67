#include "support/raw_client.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace perch::test {

RawClient::RawClient(std::uint16_t port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  std::perror("connect");
  std::abort();
}

RawClient::~RawClient() {
  ::close(fd_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

void RawClient::shutdown_send() {
  ::shutdown(fd_, SHUT_WR);
}

bool RawClient::receive() {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return false;
  char chunk[16'384];
  const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
  if (got <= 0) return false;
  buffer_.append(chunk, static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::read_until(std::string_view text) {
  for (;;) {
    const std::size_t at = buffer_.find(text);
    if (at != std::string::npos) return read_bytes(at + text.size());
    if (!receive()) return read_bytes(buffer_.size());
  }
}

std::string RawClient::read_bytes(std::size_t count) {
  while (buffer_.size() < count && receive()) {
  }
  const std::size_t size = std::min(count, buffer_.size());
  std::string out = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return out;
}

std::string RawClient::read_all() {
  while (receive()) {
  }
  return read_bytes(buffer_.size());
}

std::string RawClient::read_answer() {
  std::string head = read_until("\r\n\r\n");
  const std::size_t at = head.find("Content-Length: ");
  if (at == std::string::npos) return head;
  return head + read_bytes(static_cast<std::size_t>(std::atoll(head.c_str() + at + 16)));
}

bool RawClient::closed() {
  pollfd waiting{fd_, POLLIN, 0};
  while (::poll(&waiting, 1, static_cast<int>(patience.count())) > 0) {
    char chunk[16'384];
    if (::recv(fd_, chunk, sizeof chunk, 0) <= 0) return true;
  }
  return false;
}

std::string RawClient::upgrade(std::string_view path, std::string_view headers) {
  send("GET " + std::string(path) +
       " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
       std::string(headers) + "\r\n");
  return read_until("\r\n\r\n");
}

bool RawClient::send_frame(int opcode, std::string_view payload, bool last) {
  std::string out;
  out += static_cast<char>((last ? 0x80 : 0) | opcode);
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65'536) {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 255);
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift & 255);
  }
  const char mask[] = {0x11, 0x22, 0x33, 0x44};
  out.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return send(out);
}

std::optional<RawClient::Frame> RawClient::read_frame() {
  const std::string start = read_bytes(2);
  if (start.size() < 2) return std::nullopt;
  std::size_t size = static_cast<unsigned char>(start[1]) & 127;
  if (size >= 126) {
    const std::size_t digits = size == 126 ? 2 : 8;
    const std::string length = read_bytes(digits);
    if (length.size() < digits) return std::nullopt;
    size = 0;
    for (const char c : length) size = size << 8 | static_cast<unsigned char>(c);
  }
  std::string payload = read_bytes(size);
  if (payload.size() < size) return std::nullopt;
  return Frame{start[0] & 15, std::move(payload)};
}

}  // namespace perch::test
