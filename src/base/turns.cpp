#include "base/turns.hpp"

namespace perch {

std::optional<std::int64_t> Turns::next() {
  const std::scoped_lock lock(mutex_);
  if (failed_ || stop_ || begun_ == count_) return {};
  return begun_++;
}

void Turns::in_turn(std::int64_t index, const std::function<Result<void>()>& hand_over) {
  std::unique_lock lock(mutex_);
  moved_.wait(lock, [&] { return failed_ || done_ == index; });
  if (failed_) return;
  if (auto handed_over = hand_over(); !handed_over)
    failed_ = handed_over.error();
  else
    ++done_;
  moved_.notify_all();
}

Result<std::int64_t> Turns::result() const {
  const std::scoped_lock lock(mutex_);
  if (failed_) return ::tl::unexpected(*failed_);
  return done_;
}

}  // namespace perch
