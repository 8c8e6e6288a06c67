#include "bench/camera_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.hpp"

namespace perch::bench {

namespace {

constexpr int kBacklog = 1024;
/// Room for a whole answer, so that one call sends it.
constexpr int kSendBufferBytes = 1 << 20;
constexpr std::size_t kMostRequestBytes = 8192;
constexpr int kEventsAtOnce = 64;
constexpr std::string_view kNotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}

  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> cameras_error(std::string_view what) {
  return fail(Errc::io, fmt::format("{}: {}", what, std::strerror(errno)), "cameras");
}

/// Where an answer lies in the file of all answers.
struct Answer {
  off_t at = 0;
  std::size_t size = 0;
};

struct Connection {
  Descriptor socket;
  std::string request;   ///< what has come of the next one
  bool waiting = false;  ///< asked, and not answered because of `hold`
  bool writing = false;  ///< waits until more can be sent
  int camera = 0;        ///< that was asked for; -1: none
  Answer left;           ///< of the answer under way
};

/// The camera that a request's first line asks for, or -1.
int camera_of(std::string_view request) {
  constexpr std::string_view kStart = "GET /cam/";
  if (!request.starts_with(kStart)) return -1;
  request.remove_prefix(kStart.size());
  int camera = -1;
  const auto [end, error] = std::from_chars(request.data(), request.data() + request.size(), camera);
  request.remove_prefix(static_cast<std::size_t>(end - request.data()));
  return error == std::errc{} && request.starts_with("/jpg ") ? camera : -1;
}

}  // namespace

struct CameraServer::Impl {
  Descriptor answers_file;  ///< memory
  std::vector<Answer> answers;
  Answer not_found;
  std::size_t each = 1;
  std::map<int, std::size_t> turns;  ///< of each camera
  Descriptor listener, epoll;
  std::uint16_t port = 0;
  std::map<int, Connection> connections;
  bool held = false;
  std::string commands;  ///< a line that has not ended

  Result<void> keep_answers(const std::vector<Bytes>& views);
  Result<void> listen();
  bool watch(int fd, std::uint32_t events, int how = EPOLL_CTL_ADD) const;
  void accept();
  void read(Connection& connection);
  void answer(Connection& connection);
  void send(Connection& connection);
  void end(Connection& connection);
  void handle(int fd, std::uint32_t events);
  bool listen_to_commands(int in, int out);
  bool obey(std::string_view command);
  Answer next_answer(int camera);
};

Result<void> CameraServer::Impl::keep_answers(const std::vector<Bytes>& views) {
  answers_file = Descriptor(::memfd_create("perch-cameras", MFD_CLOEXEC));
  if (answers_file.get() < 0) return cameras_error("cannot keep pictures");
  off_t at = 0;
  const auto keep = [&](std::string_view bytes) {
    const bool kept =
        ::pwrite(answers_file.get(), bytes.data(), bytes.size(), at) == static_cast<ssize_t>(bytes.size());
    at += static_cast<off_t>(bytes.size());
    return kept;
  };
  for (const Bytes& view : views) {
    const std::string head =
        fmt::format("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", view.size());
    answers.push_back({at, head.size() + view.size()});
    if (!keep(head) || !keep(as_text(view))) return cameras_error("cannot keep pictures");
  }
  not_found = {at, kNotFound.size()};
  if (!keep(kNotFound)) return cameras_error("cannot keep pictures");
  return {};
}

Result<void> CameraServer::Impl::listen() {
  listener = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  epoll = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), kBacklog) != 0 ||
      ::getsockname(listener.get(), generic, &size) != 0 || !watch(listener.get(), EPOLLIN))
    return cameras_error("cannot listen");
  port = ntohs(address.sin_port);
  return {};
}

bool CameraServer::Impl::watch(int fd, std::uint32_t events, int how) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return ::epoll_ctl(epoll.get(), how, fd, &event) == 0;
}

void CameraServer::Impl::accept() {
  for (;;) {
    Descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) return;
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // No pacing, whatever the machine's choice is: it is of no use on loopback, and its timers would cost this
    // machine's time.
    constexpr std::string_view kUnpaced = "reno";
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, kUnpaced.data(), kUnpaced.size());
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof kSendBufferBytes);
    const int fd = socket.get();
    if (watch(fd, EPOLLIN)) connections[fd].socket = std::move(socket);
  }
}

void CameraServer::Impl::end(Connection& connection) {
  connections.erase(connection.socket.get());
}

/// Takes in what a client says. One request at a time: who asks again before the answer is cut off.
void CameraServer::Impl::read(Connection& connection) {
  std::array<char, 2048> chunk{};
  const ssize_t got = ::recv(connection.socket.get(), chunk.data(), chunk.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  connection.request.append(chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  const bool busy = connection.waiting || connection.left.size > 0;
  if (got <= 0 || busy || connection.request.size() > kMostRequestBytes) return end(connection);
  if (!connection.request.ends_with("\r\n\r\n")) return;
  connection.camera = camera_of(connection.request);
  connection.request.clear();
  connection.waiting = true;
  if (!held) answer(connection);
}

Answer CameraServer::Impl::next_answer(int camera) {
  if (camera < 0) return not_found;
  const std::size_t first = static_cast<std::size_t>(camera) * each;
  return answers[(first + turns[camera]++ % each) % answers.size()];
}

void CameraServer::Impl::answer(Connection& connection) {
  connection.waiting = false;
  connection.left = next_answer(connection.camera);
  send(connection);
}

void CameraServer::Impl::send(Connection& connection) {
  Answer& left = connection.left;
  const int fd = connection.socket.get();
  while (left.size > 0) {
    const ssize_t sent = ::sendfile(fd, answers_file.get(), &left.at, left.size);
    if (sent > 0) {
      left.size -= static_cast<std::size_t>(sent);
    } else if (sent < 0 && errno == EAGAIN) {
      if (!std::exchange(connection.writing, true)) watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
      return;
    } else if (sent == 0 || errno != EINTR) {
      return end(connection);
    }
  }
  if (std::exchange(connection.writing, false)) watch(fd, EPOLLIN, EPOLL_CTL_MOD);
}

void CameraServer::Impl::handle(int fd, std::uint32_t events) {
  if (fd == listener.get()) return accept();
  const auto found = connections.find(fd);
  if (found == connections.end()) return;
  if ((events & EPOLLOUT) != 0) return send(found->second);
  read(found->second);
}

/// Obeys what has been said on `in`. Whether to go on.
bool CameraServer::Impl::listen_to_commands(int in, int out) {
  std::array<char, 256> chunk{};
  const ssize_t got = ::read(in, chunk.data(), chunk.size());
  if (got <= 0) return false;
  commands.append(chunk.data(), static_cast<std::size_t>(got));
  for (std::size_t end = 0; (end = commands.find('\n')) != std::string::npos; commands.erase(0, end + 1)) {
    const bool go_on = obey(std::string_view(commands).substr(0, end));
    if (::write(out, "ok\n", 3) != 3 || !go_on) return false;
  }
  return true;
}

/// Whether to go on.
bool CameraServer::Impl::obey(std::string_view command) {
  if (command == "quit") return false;
  held = command == "hold";
  if (held) return true;
  std::vector<int> waiting;  // an answer may end its connection
  for (const auto& [fd, connection] : connections)
    if (connection.waiting) waiting.push_back(fd);
  for (const int fd : waiting) answer(connections.at(fd));
  return true;
}

CameraServer::CameraServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CameraServer::CameraServer(CameraServer&&) noexcept = default;
CameraServer& CameraServer::operator=(CameraServer&&) noexcept = default;
CameraServer::~CameraServer() = default;

Result<CameraServer> CameraServer::create(const std::vector<Bytes>& views, int each) {
  PERCH_ASSERT(each > 0 && views.size() >= static_cast<std::size_t>(each));
  auto impl = std::make_unique<Impl>();
  impl->each = static_cast<std::size_t>(each);
  PERCH_CHECK(impl->keep_answers(views));
  PERCH_CHECK(impl->listen());
  return CameraServer(std::move(impl));
}

std::uint16_t CameraServer::port() const {
  return impl_->port;
}

Result<void> CameraServer::serve(int in, int out) {
  sigset_t gone;  // of a client that hangs up while it is answered; this thread is ours
  ::sigemptyset(&gone);
  ::sigaddset(&gone, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &gone, nullptr);
  if (!impl_->watch(in, EPOLLIN)) return cameras_error("cannot read commands");
  std::array<epoll_event, kEventsAtOnce> events{};
  for (;;) {
    const int count = ::epoll_wait(impl_->epoll.get(), events.data(), kEventsAtOnce, -1);
    if (count < 0 && errno != EINTR) return cameras_error("cannot wait");
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd != in)
        impl_->handle(event.data.fd, event.events);
      else if (!impl_->listen_to_commands(in, out))
        return {};
    }
  }
}

}  // namespace perch::bench
