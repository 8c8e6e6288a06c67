#pragma once

namespace perch::vision {

/// A flag that follows a score with hysteresis and a minimum duration: it rises after `frames` scores in a row of at
/// least `threshold`, and falls after as many in a row below `clear` · `threshold`. In between nothing changes.
class Latch {
 public:
  struct Config {
    double threshold = 1;
    double clear = 0.8;  ///< of the threshold
    int frames = 3;      ///< at least 1
  };

  explicit Latch(const Config& config) : config_(config) {}

  /// Takes the next score, and says whether the flag is up.
  bool update(double score) {
    const bool against = up_ ? score < config_.clear * config_.threshold : score >= config_.threshold;
    in_a_row_ = against ? in_a_row_ + 1 : 0;
    if (in_a_row_ >= config_.frames) {
      up_ = !up_;
      in_a_row_ = 0;
    }
    return up_;
  }

  /// A frame that says nothing: what came before it no longer counts as "in a row".
  void interrupt() { in_a_row_ = 0; }

  bool up() const { return up_; }

  /// Scores in a row so far that speak for a change.
  int in_a_row() const { return in_a_row_; }

 private:
  Config config_;
  bool up_ = false;
  int in_a_row_ = 0;
};

}  // namespace perch::vision
