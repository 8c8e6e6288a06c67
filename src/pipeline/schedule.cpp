#include "pipeline/schedule.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>

#include "base/assert.hpp"

namespace perch::pipeline {

namespace {

constexpr int kEvenCandidates = 32;
constexpr std::size_t kGapCandidates = 8;
constexpr double kNoDistance = 1e-4;  // of an interval
constexpr Nanoseconds kLatenessAllowed{100'000'000};
constexpr Nanoseconds kMadeUpWithin{2'000'000'000};
constexpr Nanoseconds kShortestInterval{1'000'000};

/// FNV-1a, finished so that names that differ in their last letter lie apart: stable over builds and machines.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 32U;
  hash *= 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29U);
}

Nanoseconds modulo(Nanoseconds a, Nanoseconds b) {
  const Nanoseconds rest = a % b;
  return rest.count() < 0 ? rest + b : rest;
}

/// The part of `within` that the phase is of the interval.
Nanoseconds share(Nanoseconds phase, Nanoseconds interval, Nanoseconds within) {
  return Nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(phase.count()) / static_cast<double>(interval.count()) *
                                static_cast<double>(within.count())));
}

}  // namespace

void Schedule::add(const CameraId& camera, Nanoseconds interval, Nanoseconds now) {
  PERCH_ASSERT(interval >= kShortestInterval);
  remove(camera);
  Entry entry;
  entry.interval = interval;
  entry.phase = place(camera, interval);
  const Nanoseconds regular = grid_after(entry, now);
  const Nanoseconds first = now + share(entry.phase, interval, kFirstWithin);
  entry.off_grid = interval > kFirstWithin && first < regular;
  // The regular one must not follow on its heels.
  if (entry.off_grid) entry.rest = interval / 2;
  Entry& kept = entries_.emplace(camera, entry).first->second;
  set_due(camera, kept, entry.off_grid ? first : regular);
}

void Schedule::remove(const CameraId& camera) {
  const auto found = entries_.find(camera);
  if (found == entries_.end()) return;
  queue_.erase({found->second.due, camera});
  entries_.erase(found);
}

std::optional<Nanoseconds> Schedule::next() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

std::optional<Due> Schedule::take(Nanoseconds now) {
  while (!queue_.empty() && queue_.begin()->first <= now) {
    const CameraId camera = queue_.begin()->second;
    queue_.erase(queue_.begin());
    Entry& entry = entries_.at(camera);
    if (!catch_up(entry, now)) {
      queue_.emplace(entry.due, camera);
      continue;
    }
    Due due{camera, entry.due, std::exchange(entry.skipped, 0)};
    entry.off_grid = false;
    set_due(camera, entry, grid_after(entry, entry.due + std::exchange(entry.rest, Nanoseconds{0})));
    return due;
  }
  return std::nullopt;
}

Nanoseconds Schedule::phase(const CameraId& camera) const {
  return entries_.at(camera).phase;
}

bool Schedule::catch_up(Entry& entry, Nanoseconds now) {
  const Nanoseconds late = now - entry.due;
  if (late <= std::min(entry.interval / 4, kLatenessAllowed)) return true;
  const Nanoseconds next = grid_after(entry, now);
  entry.rest = Nanoseconds{0};
  // Due times passed, the one that is waiting included.
  const auto passed =
      static_cast<std::uint64_t>(entry.off_grid ? 1 + (next - grid_after(entry, entry.due)) / entry.interval
                                                : (next - entry.due) / entry.interval);
  const Nanoseconds half = entry.interval / 2;
  if (next - now <= half) {
    entry.skipped += passed;
    entry.due = next;
    entry.off_grid = false;
    return false;
  }
  // Those that are made up for keep the distances that they have on the grid, or come closer when those are long.
  entry.skipped += passed - 1;
  entry.due = now + share(next - now - half, half, std::min(half, kMadeUpWithin));
  entry.off_grid = true;
  return entry.due == now;
}

Nanoseconds Schedule::grid_after(const Entry& entry, Nanoseconds time) {
  return time + entry.interval - modulo(time - entry.phase, entry.interval);
}

void Schedule::set_due(const CameraId& camera, Entry& entry, Nanoseconds due) {
  entry.due = due;
  queue_.emplace(due, camera);
}

Nanoseconds Schedule::place(const CameraId& camera, Nanoseconds interval) const {
  const Nanoseconds start(
      static_cast<std::int64_t>(stable_hash(camera.value) % static_cast<std::uint64_t>(interval.count())));
  if (entries_.empty()) return start;
  Nanoseconds best = start;
  double least = crowding(start, interval);
  for (const Nanoseconds phase : candidates(start, interval)) {
    const double crowded = crowding(phase, interval);
    if (crowded >= least) continue;
    least = crowded;
    best = phase;
  }
  return best;
}

std::vector<Nanoseconds> Schedule::candidates(Nanoseconds start, Nanoseconds interval) const {
  std::vector<Nanoseconds> phases;
  for (int i = 1; i < kEvenCandidates; ++i) phases.push_back(modulo(start + i * interval / kEvenCandidates, interval));

  std::vector<Nanoseconds> taken;
  for (const auto& [other, entry] : entries_) taken.push_back(modulo(entry.phase, interval));
  std::ranges::sort(taken);
  std::vector<std::pair<Nanoseconds, Nanoseconds>> gaps;  // width, middle
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const Nanoseconds end = i + 1 < taken.size() ? taken[i + 1] : taken[0] + interval;
    gaps.emplace_back(end - taken[i], modulo((taken[i] + end) / 2, interval));
  }
  std::ranges::sort(gaps, std::greater<>{});
  for (std::size_t i = 0; i < std::min(gaps.size(), kGapCandidates); ++i) phases.push_back(gaps[i].second);
  return phases;
}

double Schedule::crowding(Nanoseconds phase, Nanoseconds interval) const {
  // The due times of two cameras come as near to each other as their phases do modulo the greatest common divisor g of
  // the intervals; of ours, g in every `other interval` come that near.
  double sum = 0;
  for (const auto& [camera, entry] : entries_) {
    const Nanoseconds common(std::gcd(interval.count(), entry.interval.count()));
    const Nanoseconds apart = modulo(phase - entry.phase, common);
    const Nanoseconds distance = std::min(apart, common - apart);
    const double near = static_cast<double>(distance.count()) / static_cast<double>(interval.count()) + kNoDistance;
    const double how_often = static_cast<double>(common.count()) / static_cast<double>(entry.interval.count());
    sum += how_often / (near * near);
  }
  return sum;
}

}  // namespace perch::pipeline
