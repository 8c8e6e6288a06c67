#pragma once
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "image/picture.hpp"
#include "vision/motion_luma.hpp"
#include "vision/view_features.hpp"

namespace perch::vision {

/// What may be the matter with the view of a camera that delivers pictures.
enum class ViewFault : std::uint8_t {
  covered,  ///< what used to be seen is gone, and hardly anything is there instead
  blurred,  ///< it sees what it used to, but its edges are soft
  moved     ///< the edges lie elsewhere than they used to
};

/// One look compared with what the camera usually sees. For figures and tests.
struct ViewComparison {
  bool tells = false;   ///< the usual view has enough structure to tell by
  float edges = 1;      ///< how much structure there is, in usual ones
  float lost = 0;       ///< share of the usual structure that is not there, 0..1
  float light = 0;      ///< correlation of the light's distribution with the usual
  float spread = 1;     ///< contrast of the picture, in usual ones
  float sharpness = 1;  ///< in usual ones; 0 when there is no edge to tell
  float match = 0;      ///< correlation of the edges with the usual edges, in place
  Shift shift;          ///< where they agree best; searched for only when `match` is low
};

/// Watches the view of a fixed camera against the camera's own past.
///
/// The usual view (edges, their sharpness, light) is a running mean over about ten minutes, so that day and night,
/// weather and slow shadows become usual before they differ. A fault is named only when it lasts: its evidence must be
/// there in every look for `kHoldFor` and `kHoldLooks`. False alarms are worse than late ones:
/// - *covered*: three quarters of the usual structure are gone and the light no longer lies as it did or is even. Not
///   when the picture has become dark: that is night, or a lamp switched off.
/// - *blurred*: the light lies as usual, and the clear edges have become less than `kSoft` as steep, or are gone.
/// - *moved*: the edges agree with the usual ones at one and the same displacement and not in place; or nowhere, though
///   there are as many and the light is as it was. Less than about 2 % of the picture's width is not seen.
/// While a fault is suspected or named, nothing is learned. It ends with `kClearLooks` looks that are as usual, or when
/// it has become usual: moved after `kAcceptMovedAfter`, the others after `kAcceptAfter`.
///
/// Begins to judge after `kLearnLooks` looks, and anew when the picture changes its size. Looks at most every
/// `kLookEvery`; more often it need not be asked. Pure: no clock, no I/O. One a camera; not for two threads at once.
class ViewWatch {
 public:
  static constexpr Nanoseconds kLookEvery{1'000'000'000};
  static constexpr Nanoseconds kHoldFor{25'000'000'000};
  static constexpr int kHoldLooks = 5;
  static constexpr int kClearLooks = 3;
  static constexpr int kLearnLooks = 30;
  static constexpr Nanoseconds kAcceptMovedAfter{3'600'000'000'000};
  static constexpr Nanoseconds kAcceptAfter{12 * 3'600'000'000'000};
  static constexpr float kSoft = 0.6F;

  /// Whether it is time for a look: nearly `kLookEvery` since the last one.
  bool due(Nanoseconds at) const;

  /// Takes a look when one is due, else does nothing.
  /// @param luma   1 channel, 160 px wide is right; smaller than 8 × 8 px tells nothing
  /// @param at     monotonic
  /// @returns what is the matter, as `fault`
  std::optional<ViewFault> look(image::PictureView luma, const LumaStats& stats, Nanoseconds at);

  std::optional<ViewFault> fault() const { return fault_; }

  /// The latest look against the usual; nothing while it is being learned.
  const std::optional<ViewComparison>& comparison() const { return compared_; }

 private:
  /// The running means.
  struct Usual {
    ViewFeatures view;
    float spread = 0;
    float mean = 0;
    float sharpness = 0;
    float match = 0;
    int looks = 0;
    int sharp_looks = 0;
  };

  ViewComparison compare() const;
  std::optional<ViewFault> judge(const ViewComparison& c) const;
  bool as_usual(const ViewComparison& c) const;
  bool same_evidence(const ViewComparison& c, ViewFault raw) const;
  void hold(std::optional<ViewFault> raw, const ViewComparison& c, Nanoseconds at);
  void learn(Nanoseconds elapsed);
  void start_over();

  ViewFeatures now_;
  Usual usual_;
  std::optional<ViewComparison> compared_;
  std::optional<Nanoseconds> last_;

  std::optional<ViewFault> suspected_;
  Shift suspected_shift_;
  Nanoseconds suspected_at_{0};
  int suspected_looks_ = 0;

  std::optional<ViewFault> fault_;
  Nanoseconds fault_at_{0};
  int usual_looks_ = 0;  ///< in a row, while there is a fault
};

}  // namespace perch::vision
