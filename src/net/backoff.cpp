#include "net/backoff.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <random>

namespace perch::net {

Backoff::Backoff(const BackoffPolicy& policy, const Clock& clock, Random random)
    : policy_(policy),
      clock_(&clock),
      random_(std::move(random)) {}

Nanoseconds Backoff::failed() {
  const Seconds first = policy_.first, most = policy_.most;
  // The power overflows to infinity, which the limit takes care of.
  const double grown = first.count() * std::pow(std::max(1.0, policy_.factor), failures_);
  const double kept = 1 - std::clamp(policy_.jitter, 0.0, 1.0) * std::clamp(random_(), 0.0, 1.0);
  const auto wait = std::chrono::duration_cast<Nanoseconds>(Seconds(std::min(grown, most.count()) * kept));
  if (failures_ < std::numeric_limits<int>::max()) ++failures_;
  due_ = clock_->monotonic() + wait;
  return wait;
}

void Backoff::succeeded() {
  failures_ = 0;
  due_ = Nanoseconds{0};
}

Nanoseconds Backoff::remaining() const {
  if (failures_ == 0) return Nanoseconds{0};
  return std::max(Nanoseconds{0}, due_ - clock_->monotonic());
}

Backoff::Random machine_random() {
  auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>{}(*engine); };
}

}  // namespace perch::net
