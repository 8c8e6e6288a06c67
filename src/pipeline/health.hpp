#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/field.hpp"
#include "vision/motion_luma.hpp"

namespace perch::pipeline {

/// What is the matter with a camera. Its name is what readings, pages and metrics show.
enum class Health : std::uint8_t {
  connecting,  ///< no picture yet
  live,        ///< pictures come as asked
  late,        ///< pictures come, but each takes longer than the interval asked
  frozen,      ///< the very same picture again and again although time passes
  dark,        ///< pictures come, and nothing can be seen on them
  covered,     ///< something stands before the lens
  blurred,     ///< out of focus, or dirty
  moved,       ///< it looks somewhere else than it used to
  broken,      ///< it answers, but not with pictures: the reason says what it sent instead
  gone,        ///< it does not answer
  ended        ///< its recording has come to its end
};
std::string_view name(Health health);

/// What health is measured against.
struct HealthConfig {
  Nanoseconds interval{1'000'000'000};  ///< between pictures, as asked; 0 as fast as they come: never late
  Nanoseconds timeout{5'000'000'000};   ///< of one fetch
  bool bounded = true;  ///< whether a fetch has that limit; a source without one goes at its own pace: it is never
                        ///< late, and only failures make it gone
  Nanoseconds frozen_after{30'000'000'000};  ///< 0: never
  bool view = true;                          ///< whether faults of the view but darkness count
};

/// The part of it that a user may set.
inline constexpr auto kHealthFields = config::fields<HealthConfig>(
    config::field("frozen_after", &HealthConfig::frozen_after)
        .range(std::chrono::seconds(0), std::chrono::hours(24 * 7))
        .help("a camera that sends the very same bytes this long is frozen; 0s for sources that may, such as a screen"),
    config::field("view", &HealthConfig::view)
        .help("whether it is noticed that the view is covered, blurred or moved; false for cameras that turn"));

/// A picture that arrived whole.
struct FrameSeen {
  bool same_bytes = false;                ///< as the picture before
  std::optional<vision::LumaStats> luma;  ///< when it was looked at
  /// What a look at the view itself found (`vision::ViewWatch`): covered, blurred or moved. Dark is found here.
  std::optional<Health> view_fault;
};

/// A camera's health and why.
struct HealthReport {
  Health health = Health::connecting;
  std::string reason;    ///< in words, with what to do where that is known; empty when live
  Nanoseconds since{0};  ///< when it became so
  bool changed = false;  ///< whether the latest event made it so: a reading
};

/// The health of one camera as a state machine, fed with what happens to it. Every time is monotonic and handed in; it
/// never goes back.
///
/// How each state is entered and left:
/// - *late*: the time from asking to the picture (a running mean over about four) exceeds the interval by a tenth;
///   until it is a tenth below. One slow answer is not enough. Measured from the asking, so that a camera is not blamed
///   for our own load.
/// - *frozen*: the very bytes of a JPEG came at least `kFrozenRepeats` times more over `frozen_after`. Bytes alone are
///   evidence: the noise of a sensor never repeats, so a live camera before a still wall differs in every JPEG, while
///   pixels that are merely alike say nothing (denoising, darkness, a drawing). What legitimately repeats its bytes (a
///   cached web camera, a screen, a rendered scene) needs a longer `frozen_after`, or 0. A dark picture may repeat too:
///   it is dark, not frozen. Different bytes end it at once.
/// - *dark*: all but the brightest hundredth of the picture lies below `kDarkLevel`, in `kViewFrames` frames over at
///   least `kViewFor`; until `kViewFrames` frames in a row are brighter than `kBrightLevel`. Between the two nothing
///   changes. *Covered*, *blurred* and *moved* hold in the same way while they are handed in.
/// - *broken*: `kBadAnswers` answers without a picture between, or all for three intervals, were none; the very first
///   answer tells when there was no picture ever. Until `kGoodAgain` pictures in a row. A single torn JPEG is not a
///   state.
/// - *gone*: fetches failed without an answer, or hang, so long that with the interval before them no picture came for
///   three intervals and the timeout; at the first of them when its announcement has left. Until the first picture.
///   Time in which nobody asked does not count.
/// - *ended*: for good, whatever else is heard: of the last pictures, which may still be in work.
/// Of several that hold the first counts: ended, gone or broken, a fault of the view, frozen, late, live.
class HealthMonitor {
 public:
  static constexpr int kFrozenRepeats = 5;
  static constexpr int kBadAnswers = 3;
  static constexpr int kGoodAgain = 2;
  static constexpr int kViewFrames = 3;
  static constexpr Nanoseconds kViewFor{2'000'000'000};
  static constexpr float kDarkLevel = 20;
  static constexpr float kBrightLevel = 30;

  HealthMonitor(const HealthConfig& config, Nanoseconds now);

  /// A picture was asked for. Ends with `frame` or `failure`.
  const HealthReport& asked(Nanoseconds at);
  /// A whole picture came.
  const HealthReport& frame(const FrameSeen& seen, Nanoseconds at);
  /// None came, or something else; also a JPEG that turns out cut short when it is decoded.
  const HealthReport& failure(const Error& error, Nanoseconds at);
  /// Its announcement has left the network, for this reason: the next fetch that fails makes it gone, and a failing one
  /// at once. A picture proves it wrong.
  const HealthReport& withdrawn(std::string reason, Nanoseconds at);
  /// It is announced again.
  void announced();
  /// Its source has come to its regular end.
  const HealthReport& ended(Nanoseconds at);
  /// Time passes. Call it about once a second, or when a fetch hangs: a hanging camera is noticed by this alone.
  const HealthReport& tick(Nanoseconds at);

  /// The state as it is now; `changed` is about the latest event. Valid until the next event.
  const HealthReport& report() const { return report_; }

  /// Whether an error means that something answered, only not with a picture.
  static bool answered(const Error& error);

 private:
  /// Something about the view, held over several frames.
  struct Held {
    Health health = Health::live;
    int frames = 0;
    Nanoseconds since{0};
  };

  void judge_view(const FrameSeen& seen, Nanoseconds at);
  void judge_pace(Nanoseconds took);
  void decide(Nanoseconds at);
  bool is_gone(Nanoseconds at) const;
  bool hangs(Nanoseconds at) const;
  bool has_left() const;
  bool is_broken(Nanoseconds at) const;
  Nanoseconds patience() const;
  void become(Health health, std::string reason, Nanoseconds at);

  HealthConfig config_;
  HealthReport report_;

  std::optional<Nanoseconds> asked_at_;
  std::optional<Nanoseconds> last_frame_;
  int good_in_a_row_ = 0;

  // Failures since the last picture, or since it was called broken.
  std::optional<Nanoseconds> failing_since_;
  int bad_answers_ = 0;
  int silences_ = 0;  ///< in a row
  std::string bad_answer_, silence_;
  bool ended_ = false;
  std::string withdrawn_;  ///< why its announcement has left; empty while it has not

  double pace_ = 0;    ///< time from asking to picture, running mean, in intervals, each held to two
  double took_s_ = 0;  ///< the same in seconds, as it was
  int paced_ = 0;
  bool late_ = false;

  std::optional<Nanoseconds> same_since_;
  int repeats_ = 0;

  std::optional<FrameSeen> look_;  ///< the latest picture, when it (or the same bytes) was looked at
  Held fault_;                     ///< what may be wrong with the view
  int clear_frames_ = 0;
  std::optional<Health> view_;  ///< what is wrong with it
};

}  // namespace perch::pipeline
