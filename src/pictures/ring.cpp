#include "pictures/ring.hpp"

#include <algorithm>

namespace perch::pictures {

void Ring::push(const RingFrame& frame) {
  if (!frames_.empty()) {
    const Stamp& newest = frames_.back().stamp;
    if (newest.boot != frame.stamp.boot || frame.stamp.monotonic < newest.monotonic) clear();
  }
  if (frame.jpeg.size() > limits_.most_bytes) return;
  frames_.push_back(frame);
  bytes_ += frame.jpeg.size();
  while (bytes_ > limits_.most_bytes || frame.stamp.monotonic - frames_.front().stamp.monotonic > limits_.span)
    drop_oldest();
}

std::vector<RingFrame> Ring::last(Nanoseconds span) const {
  if (frames_.empty()) return {};
  const Nanoseconds newest = frames_.back().stamp.monotonic;
  const auto first =
      std::ranges::find_if(frames_, [&](const RingFrame& f) { return newest - f.stamp.monotonic <= span; });
  return {first, frames_.end()};
}

void Ring::clear() {
  frames_.clear();
  bytes_ = 0;
}

void Ring::drop_oldest() {
  bytes_ -= frames_.front().jpeg.size();
  frames_.pop_front();
}

}  // namespace perch::pictures
