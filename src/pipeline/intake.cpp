#include "pipeline/intake.hpp"

#include <algorithm>

namespace perch::pipeline {

using namespace std::chrono_literals;

namespace {

/// How much sooner than foreseen a picture may come when many are due.
constexpr Nanoseconds kEarly = 500us;
/// How many times the mean deviation a worker may take longer than foreseen while few are due.
constexpr int kSpreads = 2;
/// How many times as long as usual a picture may take before it is no longer reckoned with.
constexpr int kOverdue = 2;
/// Workers are mostly idle while less than this part of them is busy when a camera is due, on a running average.
constexpr double kCalm = 0.4;
constexpr double kBusyOver = 32;
/// Of a camera's patience, the part that it may be held only to have the machine for itself.
constexpr int kCourtesyPart = 4;

template <class Claims>
auto of(Claims& claims, const CameraId& camera) {
  return std::ranges::find(claims, camera, &std::ranges::range_value_t<Claims>::camera);
}

template <class Claims>
bool drop(Claims& claims, const CameraId& camera) {
  const auto found = of(claims, camera);
  if (found == claims.end()) return false;
  claims.erase(found);
  return true;
}

}  // namespace

void Intake::due(const CameraId& camera, const FrameCost& cost, Nanoseconds patience, Nanoseconds now) {
  busy_ += (static_cast<double>(running_.size()) - busy_) / kBusyOver;
  if (holds(camera)) return;
  const Nanoseconds courtesy = std::min(cost.work, patience / kCourtesyPart);
  held_.push_back({camera, cost, now + patience, now + courtesy});
}

bool Intake::holds(const CameraId& camera) const {
  return of(held_, camera) != held_.end();
}

std::optional<CameraId> Intake::take(Nanoseconds now) {
  next_.reset();
  if (held_.empty()) return std::nullopt;
  std::erase_if(coming_, [&](const Claim& claim) { return claim.expires < now; });
  const bool many = held_.size() > workers_;
  const bool calm = held_.size() == 1 && busy_ < kCalm * static_cast<double>(workers_);
  for (auto held = held_.begin(); held != held_.end(); ++held) {
    const FrameCost& cost = held->cost;
    const bool known = cost.fetch > 0ns && cost.work > 0ns;
    const Nanoseconds margin = many ? -kEarly : kSpreads * cost.spread;
    const Foreseen workers = foresee(now, now + cost.fetch);
    Nanoseconds ask = now;
    if (known && workers.all_busy)
      ask = std::min(held->until, workers.one_free - cost.fetch + margin);
    else if (known && workers.some_busy && calm)
      ask = std::min(held->courteous, workers.all_free - cost.fetch + margin);
    if (ask > now) {
      next_ = std::min(next_.value_or(ask), ask);
      continue;
    }
    CameraId camera = std::move(held->camera);
    coming_.push_back({camera, now + cost.fetch, cost.work, now + kOverdue * cost.fetch + kEarly});
    held_.erase(held);
    return camera;
  }
  return std::nullopt;
}

void Intake::came(const CameraId& camera, const FrameCost& cost, Nanoseconds now) {
  drop(coming_, camera);
  if (of(waiting_, camera) == waiting_.end()) waiting_.push_back({camera, now, cost.work, {}});
}

void Intake::given(const CameraId& camera, const FrameCost& cost, Nanoseconds now) {
  drop(waiting_, camera);
  Claim claim{camera, now, cost.work, {}};
  if (running_.size() < workers_)
    running_.push_back(std::move(claim));
  else
    queued_.push_back(std::move(claim));
}

void Intake::done(const CameraId& camera, Nanoseconds now) {
  if (!drop(running_, camera) && !drop(queued_, camera)) return;
  if (queued_.empty() || running_.size() >= workers_) return;
  running_.push_back(std::move(queued_.front()));
  running_.back().at = now;
  queued_.pop_front();
}

void Intake::remove(const CameraId& camera) {
  drop(held_, camera);
  drop(coming_, camera);
  drop(waiting_, camera);
}

Intake::Foreseen Intake::foresee(Nanoseconds now, Nanoseconds by) const {
  std::vector<const Claim*> ahead;
  for (const auto* claims : {&waiting_, &coming_})
    for (const Claim& one : *claims)
      if (one.at <= by) ahead.push_back(&one);
  std::vector<Nanoseconds> free(workers_, now);
  for (std::size_t i = 0; i < running_.size(); ++i) free[i] = running_[i].at + running_[i].work;
  const auto claim = [&](const Claim& one) {
    const auto worker = std::ranges::min_element(free);
    *worker = std::max({*worker, one.at, now}) + one.work;
  };
  for (const Claim& one : queued_) claim(one);
  for (const Claim* one : ahead) claim(*one);
  const std::size_t busy = running_.size() + ahead.size();
  return {busy >= workers_, busy > 0, std::ranges::min(free), std::ranges::max(free)};
}

}  // namespace perch::pipeline
