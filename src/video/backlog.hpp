#pragma once
#include <chrono>
#include <optional>

namespace perch::video {

/// Notices when a live stream is read slower than it comes in: then its reader never has to wait. Pure. One owner.
class Backlog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  static constexpr Duration kWait = std::chrono::milliseconds(1);  ///< shorter than this is no wait
  static constexpr Duration kPatience = std::chrono::seconds(1);

  /// A read began at `before` and returned at `after`. Whether what was read lies behind.
  bool note_read(Time before, Time after) {
    if (!last_wait_ || after - before >= kWait) last_wait_ = after;
    return after - *last_wait_ >= kPatience;
  }

 private:
  std::optional<Time> last_wait_;
};

}  // namespace perch::video
