#include "pipeline/gate.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace perch::pipeline {

namespace {

constexpr double kShareMemory = 1.0 / 64;  // of a frame in the running share

/// From the digits of a time a number from 0 to `kScatter` - 1 that looks like chance. Source: splitmix64.
constexpr std::int64_t kScatter = 1024;

std::int64_t scatter(Nanoseconds time) {
  auto x = static_cast<std::uint64_t>(time.count()) + 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return static_cast<std::int64_t>((x ^ (x >> 31)) % kScatter);
}

bool same(const SharedBytes& a, const SharedBytes& b) {
  return a.size() == b.size() && a.size() > 0 &&
         (a.view().data() == b.view().data() || std::memcmp(a.view().data(), b.view().data(), a.size()) == 0);
}

}  // namespace

std::string_view name(GateReason reason) {
  constexpr std::array<std::string_view, 10> kNames{"off",          "not_a_picture", "first",   "moved",
                                                    "light_switch", "came_to_rest",  "overdue", "not_worth",
                                                    "same_bytes",   "nothing_moved"};
  return kNames[static_cast<std::size_t>(reason)];
}

Gate::Gate(const GateConfig& config, vision::MotionDetector detector)
    : mode_(config.mode),
      max_still_(config.max_still),
      detector_(std::move(detector)) {}

Result<Gate> Gate::create(const GateConfig& config) {
  PERCH_TRY(auto detector, vision::MotionDetector::create(config.motion));
  return Gate(config, std::move(detector));
}

Result<Decision> Gate::decide(const Frame& frame, image::PictureDecoder& decoder) {
  const Nanoseconds at = frame.elapsed();
  const auto* jpeg = std::get_if<Jpeg>(&frame.payload);
  const auto* picture = std::get_if<image::Picture>(&frame.payload);
  Decision decision;
  decision.same_bytes = jpeg && same(jpeg->bytes, last_bytes_);
  if (jpeg) last_bytes_ = jpeg->bytes;
  if (!jpeg && !picture) {
    if (mode_ != GateMode::off) decision.reason = GateReason::not_a_picture;
    return finish(decision, at);
  }
  if (mode_ == GateMode::off) {
    decision.glance = !decision.same_bytes && view_.due(at);
    return finish(decision, at);
  }
  // Right even while something moves: the findings of these very bytes are what would be reused.
  if (decision.same_bytes && overdue_at_) {
    decision.analyse = false;
    decision.reason = GateReason::same_bytes;
    return finish(decision, at);
  }
  if (pause_left_ > 0) {
    --pause_left_;
    decision.reason = GateReason::not_worth;
    if (!decision.same_bytes && view_.due(at)) {
      PERCH_CHECK(load_luma(frame, decoder));
      look_at_view(at, decision);
    }
    return finish(decision, at);
  }
  PERCH_TRY(const image::Size size, load_luma(frame, decoder));
  const bool same_bytes = decision.same_bytes;
  decision = look(size, at);
  decision.same_bytes = same_bytes;
  return finish(decision, at);
}

Result<image::Size> Gate::load_luma(const Frame& frame, image::PictureDecoder& decoder) {
  if (const auto* picture = std::get_if<image::Picture>(&frame.payload)) {
    vision::reduce_to_luma(picture->view(), kLumaWidth, luma_);
    return picture->size();
  }
  Result<image::Size> size = decoder.decode_luma(std::get<Jpeg>(frame.payload).bytes.view(), luma_, kLumaWidth);
  if (!size) last_bytes_ = SharedBytes();
  return size;
}

void Gate::glance(image::PictureView picture, Nanoseconds at, Decision& decision) {
  if (!decision.glance) return;
  vision::reduce_to_luma(picture, kLumaWidth, luma_);
  look_at_view(at, decision);
}

void Gate::look_at_view(Nanoseconds at, Decision& decision) {
  decision.luma = vision::luma_stats(luma_.view());
  decision.view = view_.look(luma_.view(), *decision.luma, at);
}

Decision Gate::look(image::Size frame, Nanoseconds at) {
  Decision decision;
  look_at_view(at, decision);
  decision.motion = detector_.update(luma_.view(), frame, at);
  const bool moved = decision.motion.moved;
  decision.analyse = moved || moving_;
  decision.reason = decision.motion.first          ? GateReason::first
                    : decision.motion.light_switch ? GateReason::light_switch
                    : moved                        ? GateReason::moved
                    : moving_                      ? GateReason::came_to_rest
                                                   : GateReason::nothing_moved;
  moving_ = moved && !decision.motion.first;
  if (mode_ == GateMode::automatic && !decision.motion.first) learn(!decision.analyse);
  return decision;
}

Decision Gate::finish(Decision decision, Nanoseconds at) {
  if (!decision.analyse && (!overdue_at_ || at >= *overdue_at_)) {
    decision.analyse = true;
    decision.reason = GateReason::overdue;
  }
  if (decision.analyse) overdue_at_ = at + max_still_ - max_still_ / 4 * scatter(at) / kScatter;
  return decision;
}

void Gate::costs(Nanoseconds luma, Nanoseconds analysis) {
  if (luma.count() <= 0 || analysis.count() <= 0) return;
  cost_ = std::min(1.0, static_cast<double>(luma.count()) / static_cast<double>(analysis.count()));
}

void Gate::learn(bool still) {
  ++looked_at_;
  const double weight = std::max(kShareMemory, 1.0 / looked_at_);
  still_share_ += weight * ((still ? 1 : 0) - still_share_);
  if (probing_ && looked_at_ >= kProbeFrames) {
    probing_ = false;
    if (still_share_ < cost_) {
      next_pause_ = std::min(next_pause_ * 2, kLongestPauseFrames);
      open();
    } else {
      next_pause_ = kFirstPauseFrames;
    }
  } else if (!probing_ && looked_at_ >= kEvidenceFrames && still_share_ < cost_) {
    open();
  }
}

void Gate::open() {
  pause_left_ = next_pause_;
  looked_at_ = 0;
  probing_ = true;
  // The background is out of date by then.
  detector_.reset();
}

}  // namespace perch::pipeline
