#include "vision/meter_reading.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>

#include "base/assert.hpp"

namespace perch::vision {

namespace {

constexpr Tenths kTurn = 10;

// Costs are in nats: a misread weighs like odds of 1 to 90.
constexpr float kCostOfMisread = 4.5F;
/// Between the best account and any other before it is told.
constexpr float kSureMargin = 2;
/// Of a jump that is far beyond what usually flows: more than that of a misread, with the margin.
constexpr float kMostCostOfFlow = 9;
/// A wheel that fits so much worse than it could is misread.
constexpr float kWrong = 2;
/// Of a wheel that is misread again, for each look: the more, the fewer looks support the account.
constexpr float kCostOfSameMisread = 20, kLeastCostOfSameMisread = 0.05F, kMostCostOfSameMisread = 1.5F;
constexpr int kTrusted = 20;           ///< looks that support an account which may overrule a wheel
constexpr int kMostLooksToGiveUp = 9;  ///< beyond `agree`
constexpr std::size_t kMostAccounts = 32, kAlike = 20;
constexpr std::size_t kCandidates = 16;      ///< of a stretch of readings
constexpr std::size_t kFreshCandidates = 6;  ///< wherever they lie
/// `uncertain` covers so many turns of the last wheel.
constexpr Tenths kUncertainSpan = 10 * kTurn;
constexpr double kHours_s = 3600;
constexpr double kInitialHours = 24 * 7;

double hours(Nanoseconds time) {
  return Seconds(time).count() / kHours_s;
}

/// Stretches of readings, overlapping ones joined.
using Stretches = std::vector<std::pair<Tenths, Tenths>>;

void merge(Stretches& stretches) {
  std::ranges::sort(stretches);
  Stretches joined;
  for (const auto& [low, high] : stretches) {
    if (!joined.empty() && low <= joined.back().second + 1)
      joined.back().second = std::max(joined.back().second, high);
    else
      joined.emplace_back(low, high);
  }
  stretches = std::move(joined);
}

}  // namespace

MeterReading MeterReader::look(const WheelEvidence& evidence, Nanoseconds at) {
  round_ = evidence.round();
  slack_ = evidence.has_tenths() ? 3 : kTurn;
  wheels_ = static_cast<int>(evidence.wheels());
  if (evidence.clear_wheels() * 2 <= evidence.wheels()) {
    MeterReading reading;
    reading.seen = evidence.best(0, round_ - 1, 1).front().reading;
    return reading;
  }
  if (accounts_.empty())
    begin(evidence, at);
  else
    follow(evidence, at);
  return judge(evidence, at);
}

/// The first look: every reading that fits is an account.
void MeterReader::begin(const WheelEvidence& evidence, Nanoseconds at) {
  if (config_.initial) {
    const auto from = static_cast<Tenths>(std::floor(*config_.initial * kTurn)) % round_;
    Account known{from, at, config_.agree, 0, 0, 0, false};
    // As if it had been seen a week ago, so that whatever has flowed since fits.
    known.at -= std::chrono::duration_cast<Nanoseconds>(Seconds(kInitialHours * kHours_s));
    accounts_.push_back(known);
    follow(evidence, at);
    return;
  }
  for (const ScoredReading& fit : evidence.best(0, round_ - 1, kCandidates))
    accounts_.push_back({fit.reading, at, 1, fit.score, 0, 0, false});
}

/// How far it is from one reading to another the short way round; negative: back.
Tenths MeterReader::moved(Tenths from, Tenths to) const {
  const Tenths half = round_ / 2;
  return ((to - from + half) % round_ + round_) % round_ - half;
}

Tenths MeterReader::most_moved(const Account& from, Nanoseconds at) const {
  const double most = config_.max_per_hour * static_cast<double>(kTurn) * hours(at - from.at);
  return static_cast<Tenths>(std::min(most, static_cast<double>(round_ / 2 - 1 - slack_)));
}

double MeterReader::usual_per_hour(const Account& account) const {
  constexpr double kLeastShare = 0.02;  // of the most: a quiet night does not make the morning unusual
  const double least = config_.max_per_hour * static_cast<double>(kTurn) * kLeastShare;
  return std::max({usual_per_hour_, account.per_hour, least});
}

/// Nothing: it cannot have moved so.
std::optional<float> MeterReader::cost_of_moving(const Account& from, Tenths to, Nanoseconds at) const {
  const Tenths by = moved(from.reading, to), most = most_moved(from, at);
  if (by > most + slack_ || by < -slack_ - (config_.backwards ? most : 0)) return std::nullopt;
  if (by < 0 && !config_.backwards) return static_cast<float>(-by) / static_cast<float>(slack_) * 0.5F;
  const double usual = kTurn / 2.0 + 2 * usual_per_hour(from) * hours(at - from.at);
  const double beyond = std::max(0.0, std::abs(static_cast<double>(by)) / usual - 0.5);
  return std::min(kMostCostOfFlow, static_cast<float>(2 * std::log1p(beyond * beyond)));
}

/// The longer something was believed, the more looks it takes.
float MeterReader::cost_of_giving_up(const Account& account) const {
  const int longer = static_cast<int>(std::log2(std::max(1, account.support)));
  const int looks = config_.agree + std::min(longer, kMostLooksToGiveUp);
  return static_cast<float>(looks) * kCostOfMisread - kSureMargin - 0.1F;
}

std::vector<MeterReader::Candidate> MeterReader::candidates(const WheelEvidence& evidence, Nanoseconds at) const {
  Stretches stretches;
  for (const Account& account : accounts_) {
    const Tenths most = most_moved(account, at);
    const Tenths low = account.reading - slack_ - (config_.backwards ? most : 0);
    const Tenths high = account.reading + most + slack_;
    stretches.emplace_back(std::max<Tenths>(low, 0), std::min(high, round_ - 1));
    if (low < 0) stretches.emplace_back(low + round_, round_ - 1);
    if (high >= round_) stretches.emplace_back(0, high - round_);
  }
  merge(stretches);
  std::vector<ScoredReading> found = evidence.best(0, round_ - 1, kFreshCandidates);
  for (const auto& [low, high] : stretches) {
    const std::vector<ScoredReading> fits = evidence.best(low, high, kCandidates);
    found.insert(found.end(), fits.begin(), fits.end());
  }
  std::ranges::sort(found, {}, &ScoredReading::reading);
  const auto same = std::ranges::unique(found, {}, &ScoredReading::reading);
  found.erase(same.begin(), same.end());
  std::vector<Candidate> made;
  for (const ScoredReading& fit : found) {
    Candidate candidate{fit, 0, evidence.shortfall(fit.reading)};
    for (std::size_t i = 0; i < evidence.wheels(); ++i)
      if (candidate.shortfall[i] > kWrong) candidate.wrong |= 1U << i;
    made.push_back(candidate);
  }
  return made;
}

/// An account after a step to a reading of this look.
MeterReader::Account MeterReader::moved_on(const Account& from, const Candidate& to, float cost, Nanoseconds at) const {
  Account next{to.fit.reading, at, from.support, from.score - cost + to.fit.score, from.per_hour, to.wrong, false};
  if (to.wrong == 0) ++next.support;
  const std::uint32_t still = to.wrong & from.wrong;
  if (still != 0 && std::popcount(to.wrong) * 4 <= wheels_ + 2) {
    float again = 0;
    for (int i = 0; i < wheels_; ++i)
      if ((still >> i & 1U) != 0) again += to.shortfall[static_cast<std::size_t>(i)];
    const float little = std::clamp(kCostOfSameMisread / static_cast<float>(std::max(1, from.support)),
                                    kLeastCostOfSameMisread, kMostCostOfSameMisread);
    next.score += std::clamp(again - little, 0.0F, -to.fit.score);
  }
  const double flowed = std::abs(static_cast<double>(moved(from.reading, to.fit.reading)));
  const double took = hours(at - from.at);
  if (took > 0) next.per_hour = (from.per_hour + flowed / took) / 2;
  return next;
}

void MeterReader::follow(const WheelEvidence& evidence, Nanoseconds at) {
  std::vector<Account> next;
  for (const Candidate& candidate : candidates(evidence, at)) {
    std::optional<Account> best;
    const auto consider = [&](const Account& account) {
      if (!best || account.score > best->score) best = account;
    };
    for (const Account& account : accounts_) {
      if (const auto cost = cost_of_moving(account, candidate.fit.reading, at))
        consider(moved_on(account, candidate, *cost, at));
      const float score = account.score - cost_of_giving_up(account) + candidate.fit.score;
      consider({candidate.fit.reading, at, 1, score, 0, candidate.wrong, false});
    }
    next.push_back(*best);
  }
  for (Account account : accounts_) {
    account.score -= kCostOfMisread;
    account.misread = true;
    next.push_back(account);
  }
  std::ranges::sort(next, [](const Account& a, const Account& b) {
    return std::tuple(-a.score, a.misread, a.reading, -a.support) <
           std::tuple(-b.score, b.misread, b.reading, -b.support);
  });
  // Of accounts that say the same now the best stands for the others; and some places are for those that say something
  // else altogether, or there would be none left when the best turns out to be wrong.
  std::vector<Account> kept;
  for (const Account& account : next) {
    const auto same = [&](const Account& k) { return k.reading == account.reading && k.misread == account.misread; };
    const auto near = [&](const Account& k) { return std::abs(moved(k.reading, account.reading)) <= kTurn; };
    const bool wanted = kept.size() < kAlike ? std::ranges::none_of(kept, same) : std::ranges::none_of(kept, near);
    if (wanted) kept.push_back(account);
    if (kept.size() == kMostAccounts) break;
  }
  const float top = kept.front().score;
  for (Account& account : kept) account.score -= top;
  accounts_ = std::move(kept);
}

/// Of the best account that says something else than the best.
float MeterReader::rival_score() const {
  const Tenths best = accounts_.front().reading;
  for (const Account& account : accounts_)
    if (std::abs(moved(best, account.reading)) > kTurn) return account.score;
  return -100;
}

MeterReading MeterReader::judge(const WheelEvidence& evidence, Nanoseconds at) {
  const Account& best = accounts_.front();
  MeterReading reading;
  reading.seen = evidence.best(0, round_ - 1, 1).front().reading;
  reading.agreeing = best.support;
  const float margin = -rival_score();
  reading.confidence = 1 / (1 + std::exp(-margin));
  if (best.support < config_.agree && (!given_ || std::abs(moved(*given_, best.reading)) > kTurn)) {
    reading.verdict = MeterVerdict::waiting;
    return reading;
  }
  if (best.misread) {
    reading.verdict = MeterVerdict::doubted;
    return reading;
  }
  // What stands against one wheel is told only by those who have followed the meter for long, and never of the last.
  const bool borne_out = best.wrong == 0 || (best.support >= kTrusted && (best.wrong >> (wheels_ - 1) & 1U) == 0);
  if (best.wrong != 0 && best.support < kTrusted) {
    reading.verdict = MeterVerdict::doubted;
    return reading;
  }
  if (margin >= kSureMargin && borne_out) {
    reading.verdict = MeterVerdict::value;
    give(reading, best.reading / kTurn * kTurn, best.reading, at);
    return reading;
  }
  // The least of what is plausible is no spike, where all of it lies close by.
  Tenths least = best.reading, greatest = best.reading;
  for (const Account& account : accounts_) {
    if (account.score < -kSureMargin) break;
    if (moved(least, account.reading) < 0) least = account.reading;
    if (moved(greatest, account.reading) > 0) greatest = account.reading;
  }
  const bool onwards = given_ && moved(*given_, least) >= -slack_;
  if (!onwards || moved(least, greatest) > kUncertainSpan) {
    reading.verdict = MeterVerdict::doubted;
    return reading;
  }
  reading.verdict = MeterVerdict::uncertain;
  reading.value = std::max<Tenths>(moved(*given_, least / kTurn * kTurn), 0) + *given_;
  reading.value %= round_;
  given_ = reading.value;
  return reading;
}

void MeterReader::give(MeterReading& reading, Tenths value, Tenths exact, Nanoseconds at) {
  if (given_ && !config_.backwards) {
    const Tenths by = moved(*given_, value);
    if (by < 0 && by >= -slack_ - kTurn) value = *given_;  // play at the edge between two digits
    reading.withdrawn = by < -slack_ - kTurn;
  }
  if (reading.withdrawn) {
    trail_.clear();
    usual_per_hour_ = 0;
  }
  given_ = value;
  reading.value = value;
  trail_.push_back({at, exact});
  while (trail_.size() > 2 && trail_[1].at <= at - config_.rate_over) trail_.pop_front();
  const Given& since = trail_.front();
  if (at - since.at < config_.rate_over) return;
  reading.has_rate = true;
  const double flowed = static_cast<double>(moved(since.exact, exact)) / static_cast<double>(kTurn);
  reading.per_hour = flowed / hours(at - since.at);
  if (!config_.backwards) reading.per_hour = std::max(0.0, reading.per_hour);
  constexpr double kLately = 0.1;
  usual_per_hour_ += kLately * (std::abs(reading.per_hour) * static_cast<double>(kTurn) - usual_per_hour_);
}

}  // namespace perch::vision
