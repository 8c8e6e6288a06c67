#include "video/backlog.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using perch::video::Backlog;

namespace {

/// Reads for a while, each read taking this long and the work after it that long; whether it lay behind at the end.
bool behind_after(Backlog& backlog, Backlog::Time& now, Backlog::Duration read, Backlog::Duration work,
                  Backlog::Duration whole) {
  bool behind = false;
  for (const Backlog::Time end = now + whole; now < end; now += work) {
    behind = backlog.note_read(now, now + read);
    now += read;
  }
  return behind;
}

}  // namespace

TEST_CASE("who waits for each frame is not behind, however long the work takes") {
  Backlog backlog;
  Backlog::Time now{5s};
  CHECK_FALSE(behind_after(backlog, now, 5ms, 35ms, 10s));
  CHECK_FALSE(behind_after(backlog, now, 1ms, 900ms, 10s));
}

TEST_CASE("who never waits for a second is behind, until it waits again") {
  Backlog backlog;
  Backlog::Time now{5s};
  CHECK_FALSE(behind_after(backlog, now, 0ms, 50ms, 900ms));
  CHECK(behind_after(backlog, now, 0ms, 50ms, 500ms));
  CHECK_FALSE(behind_after(backlog, now, 20ms, 20ms, 40ms));
  CHECK_FALSE(behind_after(backlog, now, 0ms, 50ms, 900ms));
}
