#include "pipeline/health.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::pipeline {

namespace {

constexpr double kLateAbove = 1.1;
constexpr double kLateBelow = 0.9;
constexpr double kPaceMemory = 0.25;
constexpr int kPacedAtLeast = 4;
constexpr std::size_t kMostNameChars = 80;  // of a file
constexpr double kSlowestCounted = 2;
constexpr int kSilencesAfterAnswers = 3;  // before a broken camera is called gone, and the other way round

double ratio(Nanoseconds part, Nanoseconds whole) {
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

/// The name of the file that an error is about, with a colon; empty of an address.
std::string file_of(const Error& error) {
  const std::size_t slash = error.where.rfind('/');
  if (slash == std::string::npos || slash + 1 == error.where.size() || error.where.find("://") != std::string::npos)
    return {};
  return printable(error.where.substr(slash + 1), kMostNameChars) + ": ";
}

/// What went wrong and what to do about it. Without the address, which is known; which file of a folder it is, is not.
std::string words(const Error& error) {
  const std::string what = file_of(error) + printable(error.what);
  return error.remedy.empty() ? what : fmt::format("{}; {}", what, printable(error.remedy));
}

std::string_view words(Health view) {
  switch (view) {
    case Health::dark:
      return "the picture is black";
    case Health::covered:
      return "something covers the lens";
    case Health::blurred:
      return "the picture is blurred";
    case Health::moved:
      return "it looks somewhere else than it used to";
    default:
      return "";
  }
}

}  // namespace

std::string_view name(Health health) {
  constexpr std::array<std::string_view, 11> kNames{"connecting", "live",  "late",   "frozen", "dark", "covered",
                                                    "blurred",    "moved", "broken", "gone",   "ended"};
  return kNames[static_cast<std::size_t>(health)];
}

HealthMonitor::HealthMonitor(const HealthConfig& config, Nanoseconds now) : config_(config) {
  report_.since = now;
  report_.reason = "no picture yet";
}

bool HealthMonitor::answered(const Error& error) {
  switch (error.code) {
    case Errc::invalid:
    case Errc::mismatch:
    case Errc::unsupported:
    case Errc::too_large:
    case Errc::denied:
    case Errc::not_found:
    case Errc::internal:  // what came was too much for a library
      return true;
    default:
      return false;
  }
}

const HealthReport& HealthMonitor::asked(Nanoseconds at) {
  asked_at_ = at;
  decide(at);
  return report_;
}

const HealthReport& HealthMonitor::frame(const FrameSeen& seen, Nanoseconds at) {
  judge_pace(asked_at_ ? at - *asked_at_ : last_frame_ ? at - *last_frame_ : Nanoseconds{0});
  if (seen.same_bytes && same_since_) {
    ++repeats_;
  } else {
    same_since_ = at;
    repeats_ = 0;
  }
  judge_view(seen, at);
  asked_at_.reset();
  last_frame_ = at;
  ++good_in_a_row_;
  silences_ = 0;
  withdrawn_.clear();
  if (report_.health != Health::broken || good_in_a_row_ >= kGoodAgain) {
    failing_since_.reset();
    bad_answers_ = 0;
  }
  decide(at);
  return report_;
}

const HealthReport& HealthMonitor::failure(const Error& error, Nanoseconds at) {
  if (!failing_since_) failing_since_ = asked_at_.value_or(at);
  asked_at_.reset();
  good_in_a_row_ = 0;
  if (answered(error)) {
    bad_answer_ = words(error);
    ++bad_answers_;
    silences_ = 0;
  } else {
    silence_ = words(error);
    ++silences_;
    if (silences_ >= kSilencesAfterAnswers) bad_answers_ = 0;
  }
  decide(at);
  // What is wrong may be put more exactly than when it became so; that alone is no change.
  if (report_.health == Health::connecting) report_.reason = silence_;
  if (report_.health == Health::broken) report_.reason = bad_answer_;
  return report_;
}

const HealthReport& HealthMonitor::withdrawn(std::string reason, Nanoseconds at) {
  withdrawn_ = std::move(reason);
  decide(at);
  return report_;
}

void HealthMonitor::announced() {
  withdrawn_.clear();
}

const HealthReport& HealthMonitor::ended(Nanoseconds at) {
  ended_ = true;
  decide(at);
  return report_;
}

const HealthReport& HealthMonitor::tick(Nanoseconds at) {
  decide(at);
  return report_;
}

void HealthMonitor::judge_pace(Nanoseconds took) {
  if (config_.interval.count() <= 0 || !config_.bounded) return;
  ++paced_;
  const double weight = std::max(kPaceMemory, 1.0 / paced_);
  pace_ += weight * (std::min(ratio(took, config_.interval), kSlowestCounted) - pace_);
  took_s_ += weight * (Seconds(took).count() - took_s_);
  if (paced_ < kPacedAtLeast) return;
  if (pace_ > kLateAbove) late_ = true;
  if (pace_ < kLateBelow) late_ = false;
}

void HealthMonitor::judge_view(const FrameSeen& seen, Nanoseconds at) {
  if (seen.luma || seen.view_fault)
    look_ = seen;
  else if (!seen.same_bytes)
    look_.reset();
  if (!look_) return;
  std::optional<Health> fault = config_.view ? look_->view_fault : std::nullopt;
  if (look_->luma && look_->luma->high < kDarkLevel) fault = Health::dark;
  if (fault) {
    clear_frames_ = 0;
    if (fault_.health != *fault || fault_.frames == 0) fault_ = {*fault, 0, at};
    ++fault_.frames;
    if (fault_.frames >= kViewFrames && at - fault_.since >= kViewFor) view_ = fault;
    return;
  }
  fault_.frames = 0;
  const bool bright = look_->luma && look_->luma->high >= kBrightLevel;
  if ((bright || view_ != Health::dark) && ++clear_frames_ >= kViewFrames) view_.reset();
}

Nanoseconds HealthMonitor::patience() const {
  // The interval before the first failed fetch is the third.
  return 2 * config_.interval + config_.timeout;
}

bool HealthMonitor::is_gone(Nanoseconds at) const {
  const bool fails = failing_since_ && at - *failing_since_ >= patience() && bad_answers_ == 0;
  return hangs(at) || fails || has_left();
}

bool HealthMonitor::hangs(Nanoseconds at) const {
  return config_.bounded && asked_at_ && at - *asked_at_ >= patience();
}

bool HealthMonitor::has_left() const {
  return !withdrawn_.empty() && silences_ > 0;
}

bool HealthMonitor::is_broken(Nanoseconds at) const {
  if (bad_answers_ == 0) return false;
  if (report_.health == Health::broken) return true;
  if (report_.health == Health::gone) return bad_answers_ >= kBadAnswers;
  return !last_frame_ || bad_answers_ >= kBadAnswers || (failing_since_ && at - *failing_since_ >= patience());
}

void HealthMonitor::decide(Nanoseconds at) {
  report_.changed = false;
  if (ended_) return become(Health::ended, "its recording has come to its end", at);
  if (has_left()) return become(Health::gone, fmt::format("{}: {}", withdrawn_, silence_), at);
  if (is_gone(at)) {
    return become(Health::gone,
                  fmt::format("no picture for {}: {}", format_duration(at - last_frame_.value_or(report_.since)),
                              hangs(at) ? "it does not answer" : silence_),
                  at);
  }
  if (is_broken(at)) return become(Health::broken, bad_answer_, at);
  // Until the next picture nothing else is known.
  if (!last_frame_ || failing_since_) return;
  if (view_) return become(*view_, std::string(words(*view_)), at);
  const bool frozen = config_.frozen_after.count() > 0 && same_since_ && repeats_ >= kFrozenRepeats &&
                      *last_frame_ - *same_since_ >= config_.frozen_after;
  if (frozen)
    return become(Health::frozen,
                  fmt::format("the very same picture for {}", format_duration(*last_frame_ - *same_since_)), at);
  if (late_)
    return become(Health::late,
                  fmt::format("a picture takes {}, asked for one every {}",
                              format_duration(std::chrono::duration_cast<Nanoseconds>(Seconds(took_s_))),
                              format_duration(config_.interval)),
                  at);
  become(Health::live, {}, at);
}

void HealthMonitor::become(Health health, std::string reason, Nanoseconds at) {
  if (report_.health == health) return;
  if (health == Health::gone) {
    // A camera that returns starts with a clean sheet.
    paced_ = 0;
    late_ = false;
    same_since_.reset();
    repeats_ = 0;
  }
  report_ = {health, std::move(reason), at, true};
}

}  // namespace perch::pipeline
