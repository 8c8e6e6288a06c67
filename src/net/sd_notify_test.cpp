#include "net/sd_notify.hpp"

#include <cstdlib>
#include <cstring>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace std::chrono_literals;
using perch::Errc;
using perch::ManualClock;
using perch::net::SdNotify;

namespace {

/// A datagram socket as systemd has one, under a path or an abstract name.
class Listener {
 public:
  explicit Listener(std::string address) : address_(std::move(address)) {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, address_.data(), address_.size());
    const bool abstract = address_[0] == '@';
    if (abstract) at.sun_path[0] = 0;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size() + (abstract ? 0 : 1));
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), size) == 0);
  }

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  ~Listener() {
    ::close(fd_);
    if (address_[0] == '/') ::unlink(address_.c_str());
  }

  /// What has been sent; empty when nothing has.
  std::string next() const {
    char text[1000];
    const ssize_t got = ::recv(fd_, text, sizeof text, MSG_DONTWAIT);
    return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : std::string();
  }

  const std::string& address() const { return address_; }

 private:
  std::string address_;
  int fd_ = -1;
};

std::string own(const char* form) {
  return fmt::format(fmt::runtime(form), ::getpid());
}

}  // namespace

TEST_CASE("systemd is told of every step, at a path and at an abstract name") {
  for (const std::string& address : {own("/tmp/perch-notify-{}"), own("@perch-notify-{}")}) {
    CAPTURE(address);
    const Listener systemd(address);
    const SdNotify notify(address, {});
    CHECK(notify.ready("3 cameras"));
    CHECK(systemd.next() == "READY=1\nSTATUS=3 cameras");
    CHECK(notify.alive());
    CHECK(systemd.next() == "WATCHDOG=1");
    ManualClock clock;
    clock.advance(1500us);
    CHECK(notify.reloading(clock));
    CHECK(systemd.next() == "RELOADING=1\nMONOTONIC_USEC=1500");
    CHECK(notify.status("two\nREADY=1"));
    CHECK(systemd.next().find('\n') == std::string::npos);
    CHECK(notify.stopping());
    CHECK(systemd.next() == "STOPPING=1");
  }
}

TEST_CASE("without a socket nothing is sent and nothing fails") {
  const SdNotify notify("", 10s);
  CHECK_FALSE(notify.enabled());
  CHECK(notify.ready());
  CHECK_FALSE(notify.watchdog_interval());
}

TEST_CASE("a socket that is not there is an error") {
  CHECK(SdNotify("/tmp/perch-no-such-socket", {}).ready().error().code == Errc::io);
  CHECK(SdNotify("relative", {}).ready().error().code == Errc::invalid);
  CHECK(SdNotify("/" + std::string(200, 'x'), {}).ready().error().code == Errc::invalid);
}

TEST_CASE("the environment says where, and how often, and for whom") {
  ::setenv("NOTIFY_SOCKET", "@perch", 1);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::unsetenv("WATCHDOG_PID");
  CHECK(SdNotify::from_environment().watchdog_interval() == 15s);
  ::setenv("WATCHDOG_PID", own("{}").c_str(), 1);
  CHECK(SdNotify::from_environment().watchdog_interval() == 15s);
  ::setenv("WATCHDOG_PID", "1", 1);
  CHECK_FALSE(SdNotify::from_environment().watchdog_interval());
  ::unsetenv("WATCHDOG_PID");
  ::setenv("WATCHDOG_USEC", "soon", 1);
  CHECK_FALSE(SdNotify::from_environment().watchdog_interval());
  CHECK(SdNotify::from_environment().enabled());
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_USEC");
  CHECK_FALSE(SdNotify::from_environment().enabled());
}
