#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace perch::net {

/// Tells systemd how the daemon is: one datagram a message to the socket it names. Without such a socket (started by
/// hand) every call does nothing and succeeds. Never blocks. Source: sd_notify(3), sd_watchdog_enabled(3).
/// @thread any
class SdNotify {
 public:
  /// From `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
  static SdNotify from_environment();

  /// @param address  a path, or `@NAME` for an abstract socket; empty: nobody listens
  /// @param watchdog how long systemd waits for a sign of life
  SdNotify(std::string address, std::optional<Nanoseconds> watchdog);

  bool enabled() const { return !address_.empty(); }

  /// How often `alive()` is due: half of what systemd waits. Nothing when it does not watch.
  std::optional<Nanoseconds> watchdog_interval() const;

  /// Errors of all of these: invalid (an address that cannot be one), io.
  Result<void> ready(std::string_view status = {}) const;
  /// @param clock systemd wants the monotonic time with it, and a `ready()` afterwards
  Result<void> reloading(const Clock& clock) const;
  Result<void> stopping(std::string_view status = {}) const;
  Result<void> alive() const;
  /// One line for `systemctl status`.
  Result<void> status(std::string_view text) const;

 private:
  Result<void> send(const std::string& message) const;

  std::string address_;
  std::optional<Nanoseconds> watchdog_;
};

}  // namespace perch::net
