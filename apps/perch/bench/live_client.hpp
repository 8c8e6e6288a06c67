#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace perch::bench {

/// The times that messages of `/api/live` carry, in ms, by name: `total` and the stages before it of each observation,
/// `committed` of each reading.
using LiveTimes = std::map<std::string, std::vector<double>>;

/// Adds the times of one message; one without any, or of another kind, adds nothing.
/// @param cameras  how the names of those that count begin; empty: all. Messages without a camera's name are of none
/// Errors: invalid (no JSON object). @thread any
Result<void> add_live_times(std::string_view message, LiveTimes& times, std::string_view cameras = {});

/// Listens to `/api/live` of a daemon on loopback, on a thread of its own, and keeps the times. @thread one
class LiveClient {
 public:
  /// @param cameras  as `add_live_times`
  /// Errors: io (nobody listens there, or not for this). Blocks.
  static Result<LiveClient> connect(std::uint16_t port, std::string cameras = {});

  LiveClient(LiveClient&&) noexcept;
  LiveClient& operator=(LiveClient&&) noexcept;
  ~LiveClient();

  /// Takes what has come since the last time. Errors: io (the daemon has hung up), invalid (it sent no JSON).
  Result<LiveTimes> take();

 private:
  struct Impl;
  explicit LiveClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace perch::bench
