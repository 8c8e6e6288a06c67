#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace perch::cli {

/// A progress bar on standard error with rate and time left; shows nothing unless that is a terminal.
///
/// Lines that go to a terminal too are printed between `hide()` and the next `advance()`. @thread one
class Progress {
 public:
  static constexpr std::string_view kBytes = "bytes";

  /// @param unit   what is counted; `kBytes` is shown as sizes
  /// @param total  how many there will be, when that is known
  Progress(std::string_view unit, std::optional<std::int64_t> total, const Clock& clock);

  ~Progress() { hide(); }

  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more is done; draws at most ten times a second.
  void advance() { reach(done_ + 1); }

  /// So many are done.
  void reach(std::int64_t done);

  /// How many there will be, when that becomes known later.
  void expect(std::int64_t total) { total_ = total; }

  /// Takes the bar off the screen.
  void hide();

 private:
  void draw();
  std::string amount(double number, int decimals) const;

  std::string_view unit_;
  std::optional<std::int64_t> total_;
  const Clock& clock_;
  Nanoseconds start_, drawn_{0};
  std::int64_t done_ = 0;
  bool terminal_;
  bool visible_ = false;
};

}  // namespace perch::cli
