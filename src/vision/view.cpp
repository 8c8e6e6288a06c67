#include "vision/view.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace perch::vision {

namespace {

constexpr Nanoseconds kEarly{100'000'000};  // frames come a little before their second
constexpr int kSmallest = 8;                // px

constexpr double kMemory_s = 600;
constexpr double kMostWeight = 0.1;  // of a look, however rare they are

constexpr float kStructured = 0.12F;   // of a block that has structure to lose
constexpr float kFewestBlocks = 0.1F;  // of all that must have some
constexpr float kKept = 0.35F;         // of a block's structure, or it is lost
constexpr float kMostLost = 0.75F;
constexpr float kSameLight = 0.6F;
constexpr float kEven = 0.3F;  // of the usual spread
constexpr float kStillSpread = 0.35F;
constexpr float kNightMean = 45;    // levels
constexpr float kDarkened = 0.55F;  // of the usual mean

constexpr float kUsualMatch = 0.6F;   // of the usual match
constexpr float kLeastMatch = 0.35F;  // a usual match below this tells nothing
constexpr float kBetter = 0.2F;
constexpr float kNowhere = 0.2F;
constexpr float kSameEdges = 0.4F;  // of the usual structure, and the other way round
constexpr int kLeastShift = 2;      // cells
constexpr float kMostLightChange = 1.4F;

float spread_of(const LumaStats& luma) {
  return luma.high - luma.low;
}

float ratio(float part, float whole) {
  return part / std::max(whole, 1.0F);
}

bool moved_in_place(const Shift& shift) {
  return std::max(std::abs(shift.dx), std::abs(shift.dy)) < kLeastShift;
}

template <class Values>
void blend(Values& usual, const Values& now, float weight) {
  for (std::size_t i = 0; i < usual.size(); ++i) usual[i] += weight * (now[i] - usual[i]);
}

}  // namespace

bool ViewWatch::due(Nanoseconds at) const {
  return !last_ || at - *last_ >= kLookEvery - kEarly;
}

std::optional<ViewFault> ViewWatch::look(image::PictureView luma, const LumaStats& stats, Nanoseconds at) {
  if (!due(at) || luma.width < kSmallest || luma.height < kSmallest) return fault_;
  const Nanoseconds elapsed = last_ ? at - *last_ : kLookEvery;
  last_ = at;
  measure_view(luma, stats, now_);
  if (usual_.looks > 0 && now_.grid != usual_.view.grid) start_over();
  compared_.reset();
  std::optional<ViewFault> raw;
  if (usual_.looks >= kLearnLooks) {
    const ViewComparison c = compare();
    raw = judge(c);
    hold(raw, c, at);
    compared_ = c;
    if (fault_ && at - fault_at_ >= (fault_ == ViewFault::moved ? kAcceptMovedAfter : kAcceptAfter)) start_over();
  }
  const bool nothing_to_see = compared_ && compared_->lost >= kMostLost;
  if (!raw && !fault_ && !nothing_to_see) learn(elapsed);
  return fault_;
}

ViewComparison ViewWatch::compare() const {
  ViewComparison c;
  float usual = 0, lost = 0, edges = 0, usual_edges = 0;
  int structured = 0;
  for (std::size_t i = 0; i < now_.structure.size(); ++i) {
    const float before = usual_.view.structure[i];
    edges += now_.structure[i];
    usual_edges += before;
    if (before < kStructured) continue;
    ++structured;
    usual += before;
    if (now_.structure[i] < kKept * before) lost += before;
  }
  c.tells = static_cast<float>(structured) >= kFewestBlocks * static_cast<float>(now_.structure.size());
  if (c.tells) {
    c.lost = lost / usual;
    c.edges = edges / usual_edges;
  }
  c.light = match_blocks(now_.light, usual_.view.light);
  c.spread = ratio(spread_of(now_.luma), usual_.spread);
  const bool sharp = c.tells && usual_.sharp_looks >= kLearnLooks;
  c.sharpness = !sharp ? 1 : now_.sharpness ? *now_.sharpness / usual_.sharpness : 0;
  c.match = match_at(now_.grid, now_.detail, usual_.view.detail, 0, 0);
  c.shift = {0, 0, c.match};
  const bool displaced =
      c.tells && usual_.match >= kLeastMatch && c.match < kUsualMatch * usual_.match && c.lost < kMostLost;
  if (displaced) c.shift = best_shift(now_.grid, now_.detail, usual_.view.detail);
  return c;
}

std::optional<ViewFault> ViewWatch::judge(const ViewComparison& c) const {
  const bool dark = now_.luma.mean < kNightMean && now_.luma.mean < kDarkened * usual_.mean;
  const bool same_light = c.light >= kSameLight && c.spread >= kStillSpread;
  const bool soft = c.sharpness < kSoft && (c.sharpness > 0 || c.lost >= kMostLost);
  if (same_light && soft && !dark) return ViewFault::blurred;
  if (c.lost >= kMostLost)
    return !dark && (c.light < kSameLight || c.spread < kEven) ? std::optional(ViewFault::covered) : std::nullopt;
  if (!c.tells || usual_.match < kLeastMatch || c.match >= kUsualMatch * usual_.match) return std::nullopt;
  const bool found =
      !moved_in_place(c.shift) && c.shift.match >= kUsualMatch * usual_.match && c.shift.match >= c.match + kBetter;
  const float brighter = ratio(now_.luma.mean, usual_.mean);
  const bool as_light = brighter < kMostLightChange && brighter > 1 / kMostLightChange;
  const bool nowhere = c.shift.match < kNowhere && as_light && c.edges > kSameEdges && c.edges < 1 / kSameEdges;
  return found || nowhere ? std::optional(ViewFault::moved) : std::nullopt;
}

bool ViewWatch::as_usual(const ViewComparison& c) const {
  return c.lost < kMostLost / 2 && c.sharpness >= kSoft && c.match >= kUsualMatch * usual_.match;
}

/// Whether a look shows the very fault that is suspected.
bool ViewWatch::same_evidence(const ViewComparison& c, ViewFault raw) const {
  if (suspected_ != raw) return false;
  return std::abs(c.shift.dx - suspected_shift_.dx) <= 1 && std::abs(c.shift.dy - suspected_shift_.dy) <= 1;
}

void ViewWatch::hold(std::optional<ViewFault> raw, const ViewComparison& c, Nanoseconds at) {
  usual_looks_ = as_usual(c) ? usual_looks_ + 1 : 0;
  if (fault_ && usual_looks_ >= kClearLooks) fault_.reset();
  if (!raw) {
    suspected_.reset();
    return;
  }
  const bool anywhere = raw == ViewFault::moved && c.shift.match < kNowhere;  // a shift that says nothing
  Shift shift = raw == ViewFault::moved && !anywhere ? c.shift : Shift{};
  ViewComparison evidence = c;
  evidence.shift = shift;
  if (!same_evidence(evidence, *raw)) {
    suspected_ = raw;
    suspected_shift_ = shift;
    suspected_at_ = at;
    suspected_looks_ = 0;
  }
  ++suspected_looks_;
  if (fault_ == raw || suspected_looks_ < kHoldLooks || at - suspected_at_ < kHoldFor) return;
  fault_ = raw;
  fault_at_ = at;
}

void ViewWatch::learn(Nanoseconds elapsed) {
  ++usual_.looks;
  const double by_time = std::min(Seconds(elapsed).count() / kMemory_s, kMostWeight);
  const auto weight = static_cast<float>(std::max(by_time, 1.0 / usual_.looks));
  if (usual_.looks == 1) usual_.view = now_;
  const float match = match_at(now_.grid, now_.detail, usual_.view.detail, 0, 0);
  // A mean of many pictures is what later ones are like: the first agreements are with themselves.
  usual_.match += std::max(weight, 1.0F / kLearnLooks) * (match - usual_.match);
  blend(usual_.view.detail, now_.detail, weight);
  blend(usual_.view.light, now_.light, weight);
  blend(usual_.view.structure, now_.structure, weight);
  usual_.spread += weight * (spread_of(now_.luma) - usual_.spread);
  usual_.mean += weight * (now_.luma.mean - usual_.mean);
  if (!now_.sharpness) return;
  ++usual_.sharp_looks;
  const auto sharp_weight = static_cast<float>(std::max(by_time, 1.0 / usual_.sharp_looks));
  usual_.sharpness += sharp_weight * (*now_.sharpness - usual_.sharpness);
}

void ViewWatch::start_over() {
  usual_ = {};
  suspected_.reset();
  fault_.reset();
  usual_looks_ = 0;
}

}  // namespace perch::vision
