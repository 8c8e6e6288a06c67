#include "progress.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"

namespace perch::cli {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kBetweenDraws = 100ms;
constexpr std::int64_t kWidth = 30;

}  // namespace

Progress::Progress(std::string_view unit, std::optional<std::int64_t> total, const Clock& clock)
    : unit_(unit),
      total_(total),
      clock_(clock),
      start_(clock.monotonic()),
      terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::reach(std::int64_t done) {
  done_ = done;
  if (!terminal_) return;
  const Nanoseconds now = clock_.monotonic();
  if (visible_ && now - drawn_ < kBetweenDraws) return;
  drawn_ = now;
  draw();
}

void Progress::hide() {
  if (!visible_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  visible_ = false;
}

std::string Progress::amount(double number, int decimals) const {
  if (unit_ == kBytes) return format_size(static_cast<std::uint64_t>(number));
  return fmt::format("{:.{}f}", number, decimals);
}

void Progress::draw() {
  const double seconds = Seconds(drawn_ - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  if (total_ && *total_ > 0) {
    const std::int64_t filled = std::min(kWidth, kWidth * done_ / *total_);
    std::string bar;
    for (std::int64_t i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
    const double left_s = rate > 0 ? static_cast<double>(std::max<std::int64_t>(0, *total_ - done_)) / rate : 0;
    const std::string_view unit = unit_ == kBytes ? "" : unit_;
    fmt::print(stderr, "\r\x1b[K{} {}/{} {}  {}/s  {} left", bar, amount(static_cast<double>(done_), 0),
               amount(static_cast<double>(*total_), 0), unit, amount(rate, 1),
               format_duration(std::chrono::duration_cast<Nanoseconds>(Seconds(left_s))));
  } else {
    fmt::print(stderr, "\r\x1b[K{} {}  {}/s", amount(static_cast<double>(done_), 0), unit_ == kBytes ? "" : unit_,
               amount(rate, 1));
  }
  std::fflush(stderr);
  visible_ = true;
}

}  // namespace perch::cli
