#pragma once
#include <functional>

#include "base/clock.hpp"

namespace perch::net {

struct BackoffPolicy {
  Milliseconds first{500};    ///< the wait after the first failure, before jitter
  Milliseconds most{60'000};  ///< no wait is longer, jitter included
  double factor = 2;          ///< each further failure multiplies the wait
  double jitter = 0.3;        ///< 0..1: a wait is shortened by up to this share, so that many do not return as one
};

/// When to try again after failures. Pure: time and chance are injected; the waiting is the caller's.
/// @thread the owner's
class Backoff {
 public:
  /// A number in [0, 1).
  using Random = std::function<double()>;

  /// `clock` outlives this.
  Backoff(const BackoffPolicy& policy, const Clock& clock, Random random);

  /// Notes a failure and returns the wait until the next try.
  Nanoseconds failed();

  /// Notes a success: the next failure waits as the first one does.
  void succeeded();

  /// What is left of the wait; 0 when a try is due.
  Nanoseconds remaining() const;

  /// Failures since the last success.
  int failures() const { return failures_; }

 private:
  BackoffPolicy policy_;
  const Clock* clock_;
  Random random_;
  int failures_ = 0;
  Nanoseconds due_{0};
};

/// Numbers in [0, 1) from the machine's own randomness. Not for secrets. @thread one at a time
Backoff::Random machine_random();

}  // namespace perch::net
