#include "pipeline/frame_slot.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace perch::pipeline {

Offered FrameSlot::offer(FramePtr frame) {
  PERCH_ASSERT(frame);
  if (!wants()) return Offered::full;
  const bool replaces = waiting_ != nullptr;
  skipped_ += replaces ? 1 : 0;
  waiting_ = std::move(frame);
  return replaces ? Offered::replaced : Offered::waiting;
}

FramePtr FrameSlot::start() {
  PERCH_ASSERT(ready());
  working_ = true;
  return std::exchange(waiting_, nullptr);
}

void FrameSlot::finish() {
  PERCH_ASSERT(working_);
  working_ = false;
}

void FrameSlot::drop_waiting() {
  skipped_ += waiting_ ? 1 : 0;
  waiting_.reset();
}

bool ReadyQueue::push(const CameraId& camera) {
  if (!present_.insert(camera).second) return false;
  order_.push_back(camera);
  return true;
}

std::optional<CameraId> ReadyQueue::pop() {
  if (order_.empty()) return std::nullopt;
  CameraId camera = std::move(order_.front());
  order_.pop_front();
  present_.erase(camera);
  return camera;
}

bool ReadyQueue::remove(const CameraId& camera) {
  if (present_.erase(camera) == 0) return false;
  order_.erase(std::ranges::find(order_, camera));
  return true;
}

}  // namespace perch::pipeline
