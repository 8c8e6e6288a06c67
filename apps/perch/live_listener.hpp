#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace perch::cli {

/// Listens to `/api/live` of a daemon on loopback, on a thread of its own. @thread one
class LiveListener {
 public:
  /// Hears each message; called on the listener's thread.
  using OnMessage = std::function<void(std::string_view)>;

  /// Errors: io (nobody listens there, or not for this). Blocks.
  static Result<LiveListener> connect(std::uint16_t port, OnMessage on_message);

  LiveListener(LiveListener&&) noexcept;
  LiveListener& operator=(LiveListener&&) noexcept;
  /// Nothing is heard afterwards.
  ~LiveListener();

  /// Errors: io (the daemon has hung up; nothing more will come).
  Result<void> state() const;

 private:
  struct Impl;
  explicit LiveListener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace perch::cli
