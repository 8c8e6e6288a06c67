#include "net/sd_notify.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.hpp"

namespace perch::net {

namespace {

std::optional<std::int64_t> number_from_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const auto value = parse_number<std::int64_t>(text);
  return value && *value > 0 ? value : std::nullopt;
}

std::string with_status(std::string message, std::string_view status) {
  if (!status.empty()) message += "\nSTATUS=" + printable(status, 500);
  return message;
}

}  // namespace

SdNotify SdNotify::from_environment() {
  const char* address = std::getenv("NOTIFY_SOCKET");
  std::optional<Nanoseconds> watchdog;
  const auto pid = number_from_environment("WATCHDOG_PID");
  if (const auto usec = number_from_environment("WATCHDOG_USEC"); usec && (!pid || *pid == ::getpid()))
    watchdog = std::chrono::microseconds(*usec);
  return {address == nullptr ? "" : address, watchdog};
}

SdNotify::SdNotify(std::string address, std::optional<Nanoseconds> watchdog)
    : address_(std::move(address)),
      watchdog_(watchdog) {}

std::optional<Nanoseconds> SdNotify::watchdog_interval() const {
  if (!enabled() || !watchdog_) return std::nullopt;
  return *watchdog_ / 2;
}

Result<void> SdNotify::ready(std::string_view status) const {
  return send(with_status("READY=1", status));
}

Result<void> SdNotify::reloading(const Clock& clock) const {
  const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(clock.monotonic());
  return send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", usec.count()));
}

Result<void> SdNotify::stopping(std::string_view status) const {
  return send(with_status("STOPPING=1", status));
}

Result<void> SdNotify::alive() const {
  return send("WATCHDOG=1");
}

Result<void> SdNotify::status(std::string_view text) const {
  return send("STATUS=" + printable(text, 500));
}

Result<void> SdNotify::send(const std::string& message) const {
  if (!enabled()) return {};
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const bool abstract = address_[0] == '@';
  if ((address_[0] != '/' && !abstract) || address_.size() >= sizeof to.sun_path)
    return fail(Errc::invalid, "NOTIFY_SOCKET names no socket", printable(address_));
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (abstract) to.sun_path[0] = 0;
  // An abstract name ends where its length says; a path also takes the zero after it.
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size() + (abstract ? 0 : 1));

  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fail(Errc::io, fmt::format("no socket for systemd: {}", std::strerror(errno)));
  const ssize_t sent =
      ::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
  const int error = errno;
  ::close(fd);
  if (sent != static_cast<ssize_t>(message.size()))
    return fail(Errc::io, fmt::format("systemd does not listen: {}", std::strerror(error)), printable(address_));
  return {};
}

}  // namespace perch::net
