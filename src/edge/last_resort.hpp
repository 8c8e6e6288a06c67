#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.hpp"

namespace perch::edge {

/// Acts when it is still there after a while: for an end that may hang on what cannot be cancelled. It waits on a
/// thread of its own, so nothing that hangs holds it up. @thread one
class LastResort {
 public:
  LastResort() = default;
  /// All went well: it no longer acts.
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

  /// Calls `act` after this time, on its own thread. Only the first time counts.
  void arm(Nanoseconds after, std::function<void()> act);

 private:
  std::mutex mutex_;
  std::condition_variable over_changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace perch::edge
