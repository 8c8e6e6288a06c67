#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "base/ids.hpp"
#include "seam/frame.hpp"
#include "seam/source.hpp"

namespace perch::pipeline {

/// What became of a frame that was offered.
enum class Offered : std::uint8_t {
  waiting,   ///< it waits for its turn
  replaced,  ///< it waits in the place of an older one, which is counted as skipped
  full       ///< it was not taken, for another waits; the source has to keep it (lossless)
};

/// The frames of one camera between its source and the workers: one in work, one waiting.
///
/// Live: a newer frame replaces a waiting one, so that load makes observations rarer and never later. Lossless: nothing
/// is replaced; the source is not asked while `wants` is false. One owner. @thread io
class FrameSlot {
 public:
  explicit FrameSlot(Pace pace) : pace_(pace) {}

  /// Whether a frame that is offered now would be taken.
  bool wants() const { return pace_ == Pace::live || !waiting_; }

  /// Whether no frame waits.
  bool vacant() const { return !waiting_; }

  /// @pre the frame is not null
  Offered offer(FramePtr frame);

  /// Whether a frame waits and none is in work: the camera belongs into the ready queue.
  bool ready() const { return waiting_ && !working_; }

  /// Moves the waiting frame into work. @pre ready()
  FramePtr start();

  /// The frame in work is done with, well or not. @pre one is in work
  void finish();

  bool working() const { return working_; }

  /// Forgets a waiting frame, as when the camera's tasks change; it counts as skipped.
  void drop_waiting();

  /// Frames that were replaced or dropped, ever.
  std::uint64_t skipped() const { return skipped_; }

 private:
  Pace pace_;
  FramePtr waiting_;
  bool working_ = false;
  std::uint64_t skipped_ = 0;
};

/// The cameras that have a frame ready, in the order in which their turns come. A camera is in it once at most, and
/// behind all others when it comes again, so between two turns of one each other camera has at most one, and none
/// starves however fast another is. Holds no more than there are cameras. One owner. @thread io
class ReadyQueue {
 public:
  /// Puts a camera at the end, unless it is there already. Whether it was put.
  bool push(const CameraId& camera);
  /// The camera whose turn it is; nothing when none is ready.
  std::optional<CameraId> pop();
  /// Takes a camera out, as when it is removed. Whether it was there.
  bool remove(const CameraId& camera);

  bool empty() const { return order_.empty(); }

  std::size_t size() const { return order_.size(); }

 private:
  std::deque<CameraId> order_;
  std::set<CameraId> present_;
};

}  // namespace perch::pipeline
