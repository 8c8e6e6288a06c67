#include "base/clock.hpp"

#include <fstream>

#include <fmt/chrono.h>

#include "base/text.hpp"

namespace perch {

namespace {

/// Reads exactly `digits` decimal digits at `at`, or returns -1.
int read_digits(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  const auto value = parse_number<int>(text.substr(at, digits));
  return value && *value >= 0 ? *value : -1;
}

}  // namespace

std::string to_string(UtcTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<UtcTime> parse_utc(std::string_view text) {
  const auto bad = [&] {
    return fail(Errc::invalid, fmt::format("'{}' is not a time", text), {}, "write it as 2026-11-21T02:13:24.118Z");
  };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text.back() != 'Z')
    return bad();
  const int year = read_digits(text, 0, 4), month = read_digits(text, 5, 2), day = read_digits(text, 8, 2);
  const int hour = read_digits(text, 11, 2), minute = read_digits(text, 14, 2), second = read_digits(text, 17, 2);
  int milliseconds = 0;
  if (text.size() > 20) {
    const std::size_t decimals = text.size() - 21;
    if (text[19] != '.' || decimals < 1 || decimals > 3) return bad();
    milliseconds = read_digits(text, 20, decimals);
    if (milliseconds < 0) return bad();
    for (std::size_t i = decimals; i < 3; ++i) milliseconds *= 10;
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (year < 0 || month < 0 || day < 0 || !date.ok()) return bad();
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return bad();
  return UtcTime{std::chrono::sys_days{date}.time_since_epoch() + std::chrono::hours{hour} +
                 std::chrono::minutes{minute} + std::chrono::seconds{second} + Milliseconds{milliseconds}};
}

SystemClock::SystemClock() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::getline(file, boot_.value);
  if (boot_.value.empty()) boot_.value = "unknown";
}

UtcTime SystemClock::now() const {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

Nanoseconds SystemClock::monotonic() const {
  return std::chrono::steady_clock::now().time_since_epoch();
}

UtcTime ManualClock::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

Nanoseconds ManualClock::monotonic() const {
  const std::lock_guard lock(mutex_);
  return monotonic_;
}

void ManualClock::advance(Nanoseconds by) {
  const std::lock_guard lock(mutex_);
  monotonic_ += by;
  remainder_ += by;
  const auto whole = std::chrono::floor<Milliseconds>(remainder_);
  now_ += whole;
  remainder_ -= whole;
}

void ManualClock::set_wall(UtcTime now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

}  // namespace perch
