#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "vision/wheel_evidence.hpp"

namespace perch::vision {

/// What is known of a meter beforehand. Flow and values are in turns of the last wheel.
struct MeterConfig {
  double max_per_hour = 600;        ///< never more flows
  bool backwards = false;           ///< whether it can run backwards, as fast
  std::optional<double> initial{};  ///< it stands there or up to a week's greatest flow beyond; nothing: any value
  int agree = 3;                    ///< so many looks must agree before a first value counts, or another in its place
  Nanoseconds rate_over = std::chrono::minutes(10);  ///< the flow is measured over at least this long
};

/// What one look comes to.
enum class MeterVerdict : std::uint8_t {
  value,      ///< a value to rely on
  uncertain,  ///< its last digits are doubtful: the value is the least of those that are plausible
  waiting,    ///< too few looks agree so far
  unread,     ///< too few wheels show anything clearly
  doubted     ///< what the wheels show cannot have come about since the last value
};

struct MeterReading {
  MeterVerdict verdict = MeterVerdict::unread;
  Tenths value = 0;     ///< of `value` and `uncertain`: whole turns of the last wheel, in tenths
  Tenths seen = 0;      ///< what the wheels of this look show by themselves
  double per_hour = 0;  ///< of `value`, when `has_rate`
  bool has_rate = false;
  bool withdrawn = false;  ///< this value lies below one given out before, which was wrong
  float confidence = 0;    ///< 0..1
  int agreeing = 0;        ///< looks that agree with what is most likely
};

/// Reads one counter from looks at its wheels over time.
///
/// It follows several accounts of what the meter did at once (Viterbi decoding with a beam): each is a chain of
/// readings in which every step is one of three. The meter has moved on, by no less than nothing and no more than can
/// flow in the time since the account's last reading, which may be long ago; or this look is a misread; or everything
/// before was wrong. The latter two cost, so that one misread is passed over, and a wrong value lasts only until
/// `agree` consistent looks contradict it (more, the longer it was believed).
///
/// Misreads come in rows: a worn digit or a reflection is misread in the same way as long as it shows. So an account
/// pays for a wheel that it holds misread at first, and only little while that lasts; and a flow far beyond the usual
/// costs more than such a misread. A value is given out only while no other account that differs by more than a turn of
/// the last wheel is nearly as likely. It goes round from all nines to nothing.
///
/// Pure: no clock, no I/O. @thread one at a time
class MeterReader {
 public:
  explicit MeterReader(const MeterConfig& config) : config_(config) {}

  /// @param at  when the look was taken; never goes back
  /// @pre evidence of as many wheels each time
  MeterReading look(const WheelEvidence& evidence, Nanoseconds at);

 private:
  /// One account of what the meter did.
  struct Account {
    Tenths reading = 0;
    Nanoseconds at{0};        ///< of the look that showed it
    int support = 0;          ///< looks that agree with it
    float score = 0;          ///< log likelihood relative to the best account
    double per_hour = 0;      ///< tenths that flowed lately
    std::uint32_t wrong = 0;  ///< bit i: wheel i was misread in its last look
    bool misread = false;     ///< it holds that the latest look is one altogether
  };

  /// A reading that this look may show.
  struct Candidate {
    ScoredReading fit;
    std::uint32_t wrong = 0;  ///< wheels that then are misread
    std::array<float, WheelEvidence::kMostWheels> shortfall{};
  };

  struct Given {
    Nanoseconds at{0};
    Tenths exact = 0;  ///< with the tenths of the last wheel
  };

  void begin(const WheelEvidence& evidence, Nanoseconds at);
  void follow(const WheelEvidence& evidence, Nanoseconds at);
  std::vector<Candidate> candidates(const WheelEvidence& evidence, Nanoseconds at) const;
  std::optional<float> cost_of_moving(const Account& from, Tenths to, Nanoseconds at) const;
  float cost_of_giving_up(const Account& account) const;
  Account moved_on(const Account& from, const Candidate& to, float cost, Nanoseconds at) const;
  Tenths moved(Tenths from, Tenths to) const;
  Tenths most_moved(const Account& from, Nanoseconds at) const;
  double usual_per_hour(const Account& account) const;
  float rival_score() const;
  MeterReading judge(const WheelEvidence& evidence, Nanoseconds at);
  void give(MeterReading& reading, Tenths value, Tenths exact, Nanoseconds at);

  MeterConfig config_;
  Tenths round_ = 0;
  int wheels_ = 0;
  Tenths slack_ = 0;               ///< how far it may seem to go back: play, and what a reader is off by
  std::vector<Account> accounts_;  ///< best first
  std::optional<Tenths> given_;    ///< the last value given out
  std::deque<Given> trail_;        ///< values given out lately, for the flow
  double usual_per_hour_ = 0;      ///< tenths an hour, lately
};

}  // namespace perch::vision
