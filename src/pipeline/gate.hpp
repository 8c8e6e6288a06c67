#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/field.hpp"
#include "image/codec.hpp"
#include "seam/frame.hpp"
#include "vision/motion.hpp"
#include "vision/motion_luma.hpp"
#include "vision/view.hpp"

namespace perch::pipeline {

enum class GateMode : std::uint8_t {
  off,       ///< every frame is analysed
  on,        ///< only frames in which something moves, and one every `max_still`
  automatic  ///< as `on`, unless looking for motion costs more than it saves
};

}  // namespace perch::pipeline

namespace perch::config {

template <>
struct EnumNames<pipeline::GateMode> {
  static constexpr std::array<std::string_view, 3> names{"off", "on", "auto"};
};

}  // namespace perch::config

namespace perch::pipeline {

struct GateConfig {
  GateMode mode = GateMode::automatic;
  Nanoseconds max_still{60'000'000'000};
  vision::MotionConfig motion{};
};

inline constexpr auto kGateFields = config::fields<GateConfig>(
    config::field("mode", &GateConfig::mode)
        .help(
            "whether frames in which nothing moves are analysed: off (all are), on (none), auto (while it saves work)"),
    config::field("max_still", &GateConfig::max_still)
        .range(std::chrono::milliseconds(100), std::chrono::hours(24 * 7))
        .help("a still camera is analysed anew at least this often"),
    config::field("motion", &GateConfig::motion, vision::kMotionFields).help("what counts as motion"));

/// Why a frame is analysed or is not.
enum class GateReason : std::uint8_t {
  off,            ///< analysed: the gate is off
  not_a_picture,  ///< analysed: a grid or a record
  first,          ///< analysed: nothing to compare with
  moved,          ///< analysed
  light_switch,   ///< analysed: most of the picture changed at once
  came_to_rest,   ///< analysed: the first frame without motion after one with it, which shows what is there now
  overdue,        ///< analysed: `max_still` has passed
  not_worth,      ///< analysed: the scene moves nearly always, so motion is not looked for (automatic)
  same_bytes,     ///< still: the very bytes of the frame before; nothing was decoded
  nothing_moved   ///< still
};
std::string_view name(GateReason reason);

struct Decision {
  bool analyse = true;  ///< else the findings of the last analysed frame still hold: status `still`
  GateReason reason = GateReason::off;
  bool same_bytes = false;                ///< whether the frame has the bytes of the one before, whatever was decided
  bool glance = false;                    ///< the gate is off and the view due: `Gate::glance` at the decoded frame
  std::optional<vision::LumaStats> luma;  ///< when the frame was looked at: evidence for the camera's health
  std::optional<vision::ViewFault> view;  ///< what is the matter with the view; only when the frame was looked at
  vision::MotionResult motion;            ///< when motion was looked for
};

/// Decides for each frame of one camera whether it is worth a model's time.
///
/// A frame with motion is analysed, and so is the first one after it: what left the picture would otherwise stay in the
/// findings. A frame with the very bytes of the one before is still without being decoded. A still camera is analysed
/// anew after three quarters of `max_still` to all of it, by the digits of its frames' times: cameras that began
/// together do not stay together, and two hundred of them do not all come at once.
///
/// Automatic: looking for motion costs a reduced decode (about a tenth of an analysis, or as `costs` says) and saves an
/// analysis for each still frame. When of the latest frames (a running share, after at least `kEvidenceFrames`) fewer
/// are still than would pay for the decodes, the gate opens: `kFirstPauseFrames` frames are analysed unseen, then
/// `kProbeFrames` are looked at again. While that does not pay either, pauses double up to `kLongestPauseFrames`. So in
/// a scene that always moves the gate costs under a hundredth of the work, and it comes back by itself when the scene
/// calms down. It counts frames and not time, so that it is the same at 25 frames a second and at one a minute.
///
/// Beside motion it watches the view itself (`vision::ViewWatch`), from the same luma. While motion is not looked for,
/// that is one frame a second: decoded to luma for that alone while the gate is open, seen as it is decoded for the
/// models when it is off.
///
/// Pure: no clock, no I/O. One a camera, moved into the job with its frame; not for two threads at once.
class Gate {
 public:
  static constexpr int kLumaWidth = 160;  ///< px; 1280 × 720 is decoded at an eighth
  static constexpr int kEvidenceFrames = 64;
  static constexpr int kProbeFrames = 16;
  static constexpr int kFirstPauseFrames = 256;
  static constexpr int kLongestPauseFrames = 2048;

  /// Errors: invalid (a mask that is no polygon).
  static Result<Gate> create(const GateConfig& config);

  /// Looks at the next frame that is to be analysed. Time is the frame's monotonic stamp.
  /// @param decoder  the worker's; used for JPEG and PNG; once a second when the gate is open, never when it is off
  /// Errors: as `PictureDecoder::decode_luma`: the frame is no picture, or cut short. It then counts as not seen.
  Result<Decision> decide(const Frame& frame, image::PictureDecoder& decoder);

  /// Looks at the view in a frame that was decoded, where its decision wants that.
  /// @param picture  of the frame, whole, in the same size as before
  /// @param at       the frame's monotonic stamp
  void glance(image::PictureView picture, Nanoseconds at, Decision& decision);

  /// What the parts cost on this machine, measured by the caller now and then: automatic weighs them. Not positive: as
  /// before.
  void costs(Nanoseconds luma, Nanoseconds analysis);

 private:
  Gate(const GateConfig& config, vision::MotionDetector detector);

  /// Leaves the frame's luma in `luma_`; the size of the frame.
  Result<image::Size> load_luma(const Frame& frame, image::PictureDecoder& decoder);
  void look_at_view(Nanoseconds at, Decision& decision);
  Decision look(image::Size frame, Nanoseconds at);
  Decision finish(Decision decision, Nanoseconds at);
  void learn(bool still);
  void open();

  GateMode mode_;
  Nanoseconds max_still_;
  vision::MotionDetector detector_;
  vision::ViewWatch view_;
  image::Picture luma_;
  SharedBytes last_bytes_;
  std::optional<Nanoseconds> overdue_at_;  ///< nothing before the first frame was analysed
  bool moving_ = false;
  double cost_ = 0.1;       ///< of a reduced decode, in analyses
  double still_share_ = 1;  ///< running, of the frames that were looked at
  int looked_at_ = 0;       ///< since the gate last closed
  int pause_left_ = 0;      ///< frames until motion is looked for again
  int next_pause_ = kFirstPauseFrames;
  bool probing_ = false;
};

}  // namespace perch::pipeline
