#include "vision/wheel_evidence.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

#include <fmt/format.h>

#include "base/assert.hpp"

namespace perch::vision {

namespace {

constexpr int kPositions = 100;
constexpr int kDigits = 10;

/// How well a position fits when it is seen so many tenths away.
constexpr std::array<float, 4> kRestingPlay{1, 0.8F, 0.3F, 0.04F};
constexpr std::array<float, 6> kMovingPlay{1, 0.9F, 0.7F, 0.45F, 0.2F, 0.05F};

/// A wheel shows one position clearly when so much of the probability lies within this many tenths of its peak.
constexpr float kClear = 0.6F;
constexpr int kClearReach = 2;

std::size_t turned(int position) {
  return static_cast<std::size_t>((position + kPositions) % kPositions);
}

/// Whole digits as positions: between two digits a reader of whole digits may say either.
std::array<float, kPositions> positions_of(std::span<const float> p) {
  std::array<float, kPositions> of{};
  if (p.size() == kPositions) {
    std::ranges::copy(p, of.begin());
    return of;
  }
  for (int digit = 0; digit < kDigits; ++digit) {
    const float here = p[static_cast<std::size_t>(digit)], next = p[static_cast<std::size_t>((digit + 1) % kDigits)];
    for (int tenth = 0; tenth < kDigits; ++tenth) {
      const float share = static_cast<float>(tenth) / kDigits;
      const int place = digit * kDigits + tenth;
      of[static_cast<std::size_t>(place)] = here * (1 - share) + next * share;
    }
  }
  return of;
}

template <std::size_t N>
std::array<float, kPositions> with_play(const std::array<float, kPositions>& p, const std::array<float, N>& play) {
  std::array<float, kPositions> log{};
  for (int at = 0; at < kPositions; ++at) {
    float fit = p[turned(at)] * play[0];
    for (int off = 1; off < static_cast<int>(N); ++off)
      fit += (p[turned(at + off)] + p[turned(at - off)]) * play[static_cast<std::size_t>(off)];
    log[static_cast<std::size_t>(at)] =
        std::log(std::min(1.0F, fit) * (1 - WheelEvidence::kMisread) + WheelEvidence::kMisread);
  }
  return log;
}

/// Part of a reading: its digits from the left.
struct Partial {
  float bound = 0;  ///< score so far, with the most that the other wheels can add
  float score = 0;
  std::size_t wheels = 0;
  Tenths digits = 0;
  int tenth = 0;
  bool whole = false;  ///< `digits` is the reading itself

  bool operator<(const Partial& other) const { return bound < other.bound; }
};

}  // namespace

Result<WheelEvidence> WheelEvidence::create(std::span<const Digit> digits) {
  if (digits.empty() || digits.size() > kMostWheels)
    return fail(Errc::invalid, fmt::format("{} wheels; there may be 1 to {}", digits.size(), kMostWheels));
  WheelEvidence evidence;
  for (const Digit& digit : digits) {
    if (digit.p.size() != kDigits && digit.p.size() != kPositions)
      return fail(Errc::invalid, fmt::format("a wheel has {} probabilities; there may be 10 or 100", digit.p.size()));
    evidence.add(digit.p);
  }
  const std::vector<ScoredReading> top = evidence.best(0, evidence.round_ - 1, 1);
  PERCH_ASSERT(!top.empty());
  evidence.best_ = top.front().score;
  return evidence;
}

void WheelEvidence::add(std::span<const float> p) {
  const std::array<float, kPositions> positions = positions_of(p);
  has_tenths_ = has_tenths_ && p.size() == kPositions;
  const auto peak = static_cast<int>(std::ranges::max_element(p) - p.begin());
  const int size = static_cast<int>(p.size()), reach = p.size() == kPositions ? kClearReach : 0;
  float near = 0;
  for (int off = -reach; off <= reach; ++off) near += p[static_cast<std::size_t>((peak + off + size) % size)];
  if (near >= kClear) ++clear_;
  resting_.push_back(with_play(positions, kRestingPlay));
  moving_.push_back(with_play(positions, kMovingPlay));
  round_ *= kDigits;
}

/// Calls `visit(wheel, log likelihoods, position)` for every wheel, from the last to the first.
template <class F>
void WheelEvidence::each_wheel(Tenths reading, F visit) const {
  const int tenth = static_cast<int>(reading % kDigits);
  reading /= kDigits;
  bool carries = true;  // the last wheel itself turns evenly
  for (std::size_t i = resting_.size(); i-- > 0; reading /= kDigits) {
    const int digit = static_cast<int>(reading % kDigits);
    const bool last = i + 1 == resting_.size();
    const int place = digit * kDigits + (carries ? tenth : 0);
    visit(i, carries && !last ? moving_[i] : resting_[i], static_cast<std::size_t>(place));
    carries = carries && tenth > 0 && digit == kDigits - 1;
  }
}

float WheelEvidence::absolute_score(Tenths reading) const {
  float sum = 0;
  each_wheel(reading, [&](std::size_t, const Row& row, std::size_t position) { sum += row[position]; });
  return sum;
}

std::array<float, WheelEvidence::kMostWheels> WheelEvidence::shortfall(Tenths reading) const {
  std::array<float, kMostWheels> shortfall{};
  each_wheel(reading, [&](std::size_t wheel, const Row& row, std::size_t position) {
    shortfall[wheel] = std::ranges::max(row) - row[position];
  });
  return shortfall;
}

float WheelEvidence::score(Tenths reading) const {
  PERCH_ASSERT(reading >= 0 && reading < round_);
  return absolute_score(reading) - best_;
}

std::vector<ScoredReading> WheelEvidence::best(Tenths low, Tenths high, std::size_t count) const {
  low = std::max<Tenths>(low, 0);
  high = std::min(high, round_ - 1);
  const std::size_t wheels = resting_.size();
  std::vector<ScoredReading> found;
  if (low > high || count == 0) return found;

  // What the wheels from i on can add at most.
  std::array<float, kMostWheels + 1> most{};
  for (std::size_t i = wheels; i-- > 0;)
    most[i] = most[i + 1] + std::max(std::ranges::max(resting_[i]), std::ranges::max(moving_[i]));

  std::priority_queue<Partial> open;
  for (int tenth = 0; tenth < kDigits; ++tenth) open.push({most[0], 0, 0, 0, tenth, false});
  const auto add_whole = [&](Tenths reading) {
    if (reading < low || reading > high) return;
    const float score = absolute_score(reading);
    open.push({score, score, wheels, reading, 0, true});
  };
  const auto overlaps = [&](Tenths digits, Tenths span) { return digits * span <= high && (digits + 1) * span > low; };

  Tenths span_of_root = round_;
  std::array<Tenths, kMostWheels + 1> span{};  // readings that begin with so many digits
  for (std::size_t i = 0; i <= wheels; ++i, span_of_root /= kDigits) span[i] = span_of_root;
  while (!open.empty() && found.size() < count) {
    const Partial at = open.top();
    open.pop();
    if (at.whole) {
      found.push_back({at.digits, at.score - best_});
      continue;
    }
    for (int digit = 0; digit < kDigits; ++digit) {
      const Tenths digits = at.digits * kDigits + digit;
      const Tenths below = span[at.wheels + 1];
      if (!overlaps(digits, below)) continue;
      const bool nine = digit == kDigits - 1;
      if (at.wheels + 1 == wheels) {
        // Nines at the end that move carry the wheel to their left, which is made below.
        if (nine && at.tenth > 0 && wheels > 1) continue;
        add_whole(digits * kDigits + at.tenth);
        continue;
      }
      // This wheel moves because all to its right are nines that leave.
      if (at.tenth > 0 && (!nine || at.wheels == 0)) add_whole((digits + 1) * below - kDigits + at.tenth);
      const int place = digit * kDigits;
      const float score = at.score + resting_[at.wheels][static_cast<std::size_t>(place)];
      open.push({score + most[at.wheels + 1], score, at.wheels + 1, digits, at.tenth, false});
    }
  }
  return found;
}

}  // namespace perch::vision
