#include "base/event_log.hpp"

#include <doctest/doctest.h>

using namespace perch;
using namespace std::chrono_literals;

TEST_CASE("an event is one line of words, quoted only where it has to be") {
  CHECK(log::event_line("camera.health", {{"camera", "yard"}, {"reason", "no answer"}, {"note", ""}}) ==
        "event=camera.health camera=yard reason=\"no answer\" note=\"\"");
  CHECK(log::event_line("x", {{"what", "a\"b\\c\nd=e"}}) == R"(event=x what="a\"b\\c\x0ad=e")");
}

TEST_CASE("what repeats is held back, and the next line says how often") {
  ManualClock clock;
  log::EventLog events(clock);
  for (int i = 0; i < log::EventLog::kBurst; ++i) CHECK(events.pass("sink.failed", "hub") == 0);
  for (int i = 0; i < 7; ++i) CHECK(events.pass("sink.failed", "hub") == -1);
  CHECK(events.pass("sink.failed", "file") == 0);    // another subject
  CHECK(events.pass("sink.recovered", "hub") == 0);  // another event
  clock.advance(log::EventLog::kPeriod);
  CHECK(events.pass("sink.failed", "hub") == 7);
  CHECK(events.pass("sink.failed", "hub") == 0);
}

TEST_CASE("ever new subjects cost no more than a bounded memory") {
  ManualClock clock;
  log::EventLog events(clock);
  for (std::size_t i = 0; i < 3 * log::EventLog::kMostSubjects; ++i) CHECK(events.pass("e", std::to_string(i)) == 0);
}
