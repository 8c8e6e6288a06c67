#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace perch {

using Nanoseconds = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;

/// Wall-clock time in UTC.
using UtcTime = std::chrono::sys_time<Milliseconds>;

/// `2026-11-21T02:13:24.118Z`
std::string to_string(UtcTime time);

/// Reads RFC 3339 in UTC (`Z`), with up to three decimals.
Result<UtcTime> parse_utc(std::string_view text);

/// Tells one run of the machine from another, so that monotonic times are compared only within a run.
struct BootId {
  std::string value;
  bool operator==(const BootId&) const = default;
};

/// When something happened. `at` is for people and may jump; `monotonic` never goes back within one boot.
struct Stamp {
  UtcTime at;
  BootId boot;
  Nanoseconds monotonic{0};  ///< since boot
};

/// Where time comes from. Injected wherever time matters, so tests never sleep. @thread any
class Clock {
 public:
  virtual ~Clock() = default;
  virtual UtcTime now() const = 0;
  virtual Nanoseconds monotonic() const = 0;
  virtual BootId boot() const = 0;

  Stamp stamp() const { return {now(), boot(), monotonic()}; }
};

/// The machine's own clocks; the boot id is the kernel's.
class SystemClock final : public Clock {
 public:
  SystemClock();
  UtcTime now() const override;
  Nanoseconds monotonic() const override;

  BootId boot() const override { return boot_; }

 private:
  BootId boot_;
};

/// A clock that moves only when told to, for tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UtcTime start = UtcTime{Milliseconds{1'700'000'000'000}}) : now_(start) {}

  UtcTime now() const override;
  Nanoseconds monotonic() const override;

  BootId boot() const override { return {"manual"}; }

  /// Moves both clocks.
  void advance(Nanoseconds by);
  /// Moves the wall clock alone, as an NTP correction does.
  void set_wall(UtcTime now);

 private:
  mutable std::mutex mutex_;
  UtcTime now_;
  Nanoseconds monotonic_{0};
  Nanoseconds remainder_{0};
};

}  // namespace perch
