#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace perch::log {

/// One thing that an event tells: `camera=yard`.
struct EventField {
  std::string_view key;
  std::string_view value;
};

/// `event=camera.health camera=yard reason="no answer"`: one line of words with an equals sign, values quoted where
/// they have to be, so that people and programs read it. Control characters are escaped. @thread any
std::string event_line(std::string_view event, std::initializer_list<EventField> fields);

/// Logs events, each as one line, and holds back what repeats: of one event about one subject `kBurst` lines a
/// `kPeriod` are written; the next that is written after that tells how many were not. @thread one
class EventLog {
 public:
  static constexpr int kBurst = 5;
  static constexpr Nanoseconds kPeriod{60'000'000'000};
  /// Subjects that are remembered; more than that are forgotten together.
  static constexpr std::size_t kMostSubjects = 4096;

  explicit EventLog(const Clock& clock) : clock_(clock) {}

  /// @param event    what happened: `camera.health`
  /// @param subject  what it happened to, for holding back: a camera's or sink's name
  void write(Level level, std::string_view event, std::string_view subject, std::initializer_list<EventField> fields);

  /// Whether an event about a subject would be written now; it then counts as one. Returns the number of lines that
  /// were held back before it, or -1 when this one is.
  std::int64_t pass(std::string_view event, std::string_view subject);

 private:
  struct Seen {
    Nanoseconds since{0};
    int lines = 0;
    std::int64_t held = 0;
  };

  const Clock& clock_;
  std::map<std::string, Seen, std::less<>> seen_;
};

}  // namespace perch::log
