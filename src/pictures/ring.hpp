#pragma once
#include <cstddef>
#include <deque>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace perch::pictures {

/// One picture of the ring, as it came.
struct RingFrame {
  SharedBytes jpeg;
  Stamp stamp;
};

/// The last seconds of one camera's pictures, in memory: what a clip of an alert begins with. Bounded by time and by
/// bytes, whichever comes first; a picture that is larger than the bound is not kept. @thread io
class Ring {
 public:
  struct Limits {
    Nanoseconds span{std::chrono::seconds{10}};
    std::size_t most_bytes = 8'000'000;
  };

  explicit Ring(const Limits& limits) : limits_(limits) {}

  /// Takes the newest picture and drops what has become too old or too much. Pictures of another boot, or from before
  /// the newest one, start the ring anew.
  void push(const RingFrame& frame);

  /// The pictures from `span` before the newest one on, oldest first. They are shared, not copied.
  std::vector<RingFrame> last(Nanoseconds span) const;

  std::size_t size() const { return frames_.size(); }

  std::size_t bytes() const { return bytes_; }

  void clear();

 private:
  void drop_oldest();

  Limits limits_;
  std::deque<RingFrame> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace perch::pictures
