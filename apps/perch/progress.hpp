#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace perch::cli {

/// A progress bar on standard error with rate and time left; shows nothing unless that is a terminal.
///
/// Lines that go to a terminal too are printed between `hide()` and the next `advance()`. @thread one
class Progress {
 public:
  /// @param total  how many there will be, when that is known
  Progress(std::string_view unit, std::optional<std::int64_t> total, const Clock& clock);

  ~Progress() { hide(); }

  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more is done; draws at most ten times a second.
  void advance();
  /// Takes the bar off the screen.
  void hide();

 private:
  void draw();

  std::string_view unit_;
  std::optional<std::int64_t> total_;
  const Clock& clock_;
  Nanoseconds start_, drawn_{0};
  std::int64_t done_ = 0;
  bool terminal_;
  bool visible_ = false;
};

}  // namespace perch::cli
