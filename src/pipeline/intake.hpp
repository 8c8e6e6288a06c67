#pragma once
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace perch::pipeline {

/// What one picture of a camera takes, as far as it is known; 0 while it is not.
struct FrameCost {
  Nanoseconds fetch{0};   ///< from the question to the picture's last byte; the shortest of the last few
  Nanoseconds work{0};    ///< on a worker
  Nanoseconds spread{0};  ///< of that: the mean deviation
};

/// Holds back the question to a camera that is due until its picture would find a free worker. A picture that comes
/// while every worker is busy only grows old; asked for a moment later it shows the world of a moment later, and
/// nothing else changes: cameras stay due at their own times, and one that has been held for its `patience` is asked
/// whatever is going on, so that load shows as skipped frames and never as silence.
///
/// While the workers are mostly idle, a camera that is due alone is held even for a moment until nothing is in work:
/// two analyses at once take each other's time (memory, and on most machines half a core).
///
/// When workers will be free is foreseen from what each camera's pictures took so far. A camera of which nothing is
/// known yet is not held.
///
/// Pure: no clock; every time is monotonic and handed in. One owner. @thread io
class Intake {
 public:
  /// @param workers  at least 1
  explicit Intake(std::size_t workers) : workers_(workers) {}

  /// A camera is due. Nothing changes for one that is held already.
  void due(const CameraId& camera, const FrameCost& cost, Nanoseconds patience, Nanoseconds now);
  /// Whether a camera is due and held back.
  bool holds(const CameraId& camera) const;
  /// The next camera to ask now, if there is one. Call until there is none, whenever something has changed or `next`
  /// has come.
  std::optional<CameraId> take(Nanoseconds now);

  /// When there will be one to ask if nothing else happens; nothing when none is held. @pre `take` has returned nothing
  std::optional<Nanoseconds> next() const { return next_; }

  /// A frame of a camera waits for a worker.
  void came(const CameraId& camera, const FrameCost& cost, Nanoseconds now);
  /// A frame that waited was handed to the workers.
  void given(const CameraId& camera, const FrameCost& cost, Nanoseconds now);
  /// The workers are done with a frame that they were given.
  void done(const CameraId& camera, Nanoseconds now);
  /// Forgets a camera that is not there any more; what workers have of it they still have to finish.
  void remove(const CameraId& camera);

 private:
  struct Held {
    CameraId camera;
    FrameCost cost;
    Nanoseconds until{0};      ///< asked then, whatever is going on
    Nanoseconds courteous{0};  ///< asked then if a worker is free
  };

  /// A frame that will take, or is taking, a worker's time.
  struct Claim {
    CameraId camera;
    Nanoseconds at{0};  ///< when it comes, came, or was begun
    Nanoseconds work{0};
    Nanoseconds expires{0};  ///< of one that is to come: whoever has not sent it by then is not waited for
  };

  struct Foreseen {
    bool all_busy = false, some_busy = false;
    Nanoseconds one_free{0}, all_free{0};  ///< when a worker, and when every one, should be done
  };

  /// What a picture will find that comes at the time `by`, behind all that come before it. A camera that takes its time
  /// to answer keeps no worker until its picture comes.
  Foreseen foresee(Nanoseconds now, Nanoseconds by) const;

  std::size_t workers_;
  std::vector<Held> held_;      ///< in the order in which they were due
  std::vector<Claim> coming_;   ///< asked for
  std::vector<Claim> waiting_;  ///< for a worker
  std::vector<Claim> running_;  ///< one a worker at most
  std::deque<Claim> queued_;    ///< given, while every worker is busy
  double busy_ = 0;             ///< workers, when a camera is due: a running average
  std::optional<Nanoseconds> next_;
};

}  // namespace perch::pipeline
