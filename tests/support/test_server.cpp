#include "support/test_server.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/tls_identity.hpp"

namespace perch::test {

namespace {

void require(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::abort();
}

}  // namespace

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = tls_ == nullptr ? ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                        : SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()));
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool Connection::respond(int status, std::string_view type, std::string_view body) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + std::string(type) +
                     "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return send(head) && send(body);
}

void Connection::hang() {
  char byte = 0;
  while (receive(&byte, 1) > 0) {
  }
}

std::string Connection::read_head() {
  for (;;) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::string head = buffer_.substr(0, end + 4);
      buffer_.erase(0, end + 4);
      return head;
    }
    char chunk[4096];
    const long got = receive(chunk, sizeof chunk);
    if (got <= 0) return {};
    buffer_.append(chunk, static_cast<std::size_t>(got));
  }
}

bool Connection::closed_within(std::chrono::milliseconds wait) {
  pollfd waiting{fd_, POLLIN, 0};
  char byte = 0;
  while (::poll(&waiting, 1, static_cast<int>(wait.count())) > 0)
    if (receive(&byte, 1) <= 0) return true;
  return false;
}

long Connection::receive(char* into, std::size_t size) {
  return tls_ == nullptr ? ::recv(fd_, into, size, 0) : SSL_read(tls_, into, static_cast<int>(size));
}

TestServer::TestServer(Handler handler) : handler_(std::move(handler)) {
  listen();
}

TestServer::TestServer(Handler handler, const TlsIdentity& identity)
    : handler_(std::move(handler)),
      identity_(&identity) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the other side has closed
  listen();
}

TestServer::~TestServer() {
  stop();
}

void TestServer::restart() {
  stop();
  listen();
}

void TestServer::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(listener_ >= 0, "socket");
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  require(::bind(listener_, generic, size) == 0, "bind");
  require(::listen(listener_, 512) == 0, "listen");
  require(::getsockname(listener_, generic, &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  stopping_ = false;
  acceptor_ = std::jthread([this] { accept_loop(); });
}

void TestServer::stop() {
  if (listener_ < 0) return;
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  threads_.clear();
  ::close(listener_);
  listener_ = -1;
}

std::string TestServer::url(std::string_view path) const {
  return (identity_ == nullptr ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port_) +
         std::string(path);
}

void TestServer::accept_loop() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0 || stopping_) {
      if (fd >= 0) ::close(fd);
      return;
    }
    ++connections_;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void TestServer::serve(int fd) {
  SSL* tls = identity_ == nullptr ? nullptr : SSL_new(identity_->context());
  if (tls != nullptr) SSL_set_fd(tls, fd);
  if (tls == nullptr || SSL_accept(tls) == 1) {
    Connection connection(fd, tls);
    for (;;) {
      const std::string head = connection.read_head();
      if (head.empty()) break;
      ++requests_;
      if (!handler_(connection, head)) break;
    }
  }
  SSL_free(tls);
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
  ::close(fd);
}

}  // namespace perch::test
