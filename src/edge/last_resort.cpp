#include "edge/last_resort.hpp"

#include <utility>

namespace perch::edge {

LastResort::~LastResort() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  over_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LastResort::arm(Nanoseconds after, std::function<void()> act) {
  if (thread_.joinable()) return;
  thread_ = std::thread([this, after, act = std::move(act)] {
    std::unique_lock lock(mutex_);
    if (!over_changed_.wait_for(lock, after, [&] { return over_; })) act();
  });
}

}  // namespace perch::edge
