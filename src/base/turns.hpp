#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "base/result.hpp"

namespace perch {

/// Lets several threads make numbered things at once that must be handed over in order.
///
/// Each thread asks for the `next` number, makes that thing, and hands it over `in_turn`, until there is no next.
/// @thread any
class Turns {
 public:
  /// @param stop  no further number is given out once it is set; must outlive this
  Turns(std::int64_t count, const std::atomic<bool>& stop) : count_(count), stop_(stop) {}

  /// The lowest number that nobody has; nothing once all are out, one failed, or it is stopped.
  std::optional<std::int64_t> next();

  /// Waits until all numbers below `index` have been handed over, and then calls `hand_over`, alone; does nothing once
  /// one of them failed. @thread any, blocks
  void in_turn(std::int64_t index, const std::function<Result<void>()>& hand_over);

  /// How many were handed over; or the first error. @pre all threads have come to their end
  Result<std::int64_t> result() const;

 private:
  const std::int64_t count_;
  const std::atomic<bool>& stop_;
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  std::int64_t begun_ = 0, done_ = 0;
  std::optional<Error> failed_;
};

}  // namespace perch
