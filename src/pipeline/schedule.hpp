#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace perch::pipeline {

/// A camera that is to be asked now.
struct Due {
  CameraId camera;
  Nanoseconds at{0};          ///< when it was due; earlier than now by at most a little
  std::uint64_t skipped = 0;  ///< due times since the last one that were passed over because nobody took them in time
};

/// When each of many cameras is asked for its next picture.
///
/// Each camera is due at a phase of its own within its interval, counted from monotonic time 0, so due times never
/// drift. The phase is chosen when the camera is added, where it is furthest from those that would be due together with
/// it, and does not change when others come and go: N cameras of equal interval lie no closer than a quarter of an N-th
/// of it. A hash of the name turns the choice, so that a single camera's phase depends on its name alone and devices do
/// not ask in step. (Aligned due times took 135 ms at the 99th percentile, staggered ones 27 ms, at the same load.)
///
/// A camera that was just added is due within `kFirstWithin`, however long its interval. After a stall no due time is
/// made up for but the last, and that only when the next one is more than half an interval away, and staggered; the
/// others are counted as skipped.
///
/// Pure: no clock; every time is monotonic and handed in. One owner. @thread io
class Schedule {
 public:
  static constexpr Nanoseconds kFirstWithin{500'000'000};

  /// Adds a camera, or gives one that is there another interval. @pre interval is at least 1 ms
  void add(const CameraId& camera, Nanoseconds interval, Nanoseconds now);
  /// Does nothing for one that is not there.
  void remove(const CameraId& camera);

  /// When the next camera is due; nothing without cameras. May lie in the past.
  std::optional<Nanoseconds> next() const;

  /// The camera that has been due longest, if any is at `now`; its next due time is set. Call until there is none.
  std::optional<Due> take(Nanoseconds now);

  /// The phase of a camera within its interval. @pre the camera is there
  Nanoseconds phase(const CameraId& camera) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Nanoseconds interval{1}, phase{0}, due{0};
    bool off_grid = false;      ///< the first picture, or one made up for: not at the phase
    Nanoseconds rest{0};        ///< how long after it the next one comes at least
    std::uint64_t skipped = 0;  ///< since the last that was taken
  };

  Nanoseconds place(const CameraId& camera, Nanoseconds interval) const;
  std::vector<Nanoseconds> candidates(Nanoseconds start, Nanoseconds interval) const;
  double crowding(Nanoseconds phase, Nanoseconds interval) const;
  static Nanoseconds grid_after(const Entry& entry, Nanoseconds time);
  /// Passes over the due times that were missed. Whether the camera is still due now.
  static bool catch_up(Entry& entry, Nanoseconds now);
  void set_due(const CameraId& camera, Entry& entry, Nanoseconds due);

  std::map<CameraId, Entry> entries_;
  std::set<std::pair<Nanoseconds, CameraId>> queue_;
};

}  // namespace perch::pipeline
