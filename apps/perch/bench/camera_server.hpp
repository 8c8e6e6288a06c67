#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace perch::bench {

/// HTTP cameras that cost next to nothing, for measuring who asks them: `/cam/N/jpg` gives the next picture of camera
/// N, on a connection that is kept open. All on one thread and one port of loopback; the answers lie ready in memory,
/// and the kernel sends them from there without copying.
class CameraServer {
 public:
  /// @param views  the pictures; camera N shows in turn the `each` that begin at N · each, round and round
  /// @pre each is above 0, and there are at least `each` views
  /// Errors: io
  static Result<CameraServer> create(const std::vector<Bytes>& views, int each);

  CameraServer(CameraServer&&) noexcept;
  CameraServer& operator=(CameraServer&&) noexcept;
  ~CameraServer();

  std::uint16_t port() const;

  /// Serves until it is told to end, by lines that it reads from the descriptor `in`:
  ///   hold  delays every answer from now on        go    gives those that were delayed, and goes on
  ///   quit  ends, as the end of `in` does
  /// Each is acknowledged by a line `ok` on the descriptor `out`. Called once. Errors: io. @thread its own, which from
  /// then on gets no SIGPIPE; blocks
  Result<void> serve(int in, int out);

 private:
  struct Impl;
  explicit CameraServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace perch::bench
