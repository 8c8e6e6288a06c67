#include "pipeline/schedule.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using perch::CameraId;
using perch::Nanoseconds;
using perch::pipeline::Due;
using perch::pipeline::Schedule;

namespace {

CameraId camera(int i) {
  return {"camera-" + std::to_string(i)};
}

Schedule with(int cameras, Nanoseconds interval, Nanoseconds now = 0s) {
  Schedule schedule;
  for (int i = 0; i < cameras; ++i) schedule.add(camera(i), interval, now);
  return schedule;
}

std::vector<Due> take_all(Schedule& schedule, Nanoseconds now) {
  std::vector<Due> all;
  while (auto due = schedule.take(now)) all.push_back(*due);
  return all;
}

/// Everything that is due until `end`, taken the moment it is due.
std::vector<Due> run(Schedule& schedule, Nanoseconds end) {
  std::vector<Due> all;
  while (schedule.next() && *schedule.next() <= end)
    if (auto due = schedule.take(*schedule.next())) all.push_back(*due);
  return all;
}

std::vector<Nanoseconds> phases(const Schedule& schedule, int cameras) {
  std::vector<Nanoseconds> all;
  for (int i = 0; i < cameras; ++i) all.push_back(schedule.phase(camera(i)));
  std::ranges::sort(all);
  return all;
}

std::pair<Nanoseconds, Nanoseconds> smallest_and_largest_gap(std::vector<Nanoseconds> sorted, Nanoseconds interval) {
  sorted.push_back(sorted.front() + interval);
  Nanoseconds smallest = interval, largest{0};
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    smallest = std::min(smallest, sorted[i] - sorted[i - 1]);
    largest = std::max(largest, sorted[i] - sorted[i - 1]);
  }
  return {smallest, largest};
}

/// The most due times that fall in any window of that width.
std::size_t most_within(const std::vector<Due>& dues, Nanoseconds width) {
  std::size_t most = 0, from = 0;
  for (std::size_t to = 0; to < dues.size(); ++to) {
    while (dues[to].at - dues[from].at >= width) ++from;
    most = std::max(most, to - from + 1);
  }
  return most;
}

}  // namespace

TEST_CASE("a schedule without cameras is never due") {
  Schedule schedule;
  CHECK_FALSE(schedule.next());
  CHECK_FALSE(schedule.take(1h));
  schedule.remove(camera(1));
}

TEST_CASE("cameras of equal interval are spread over it, however many") {
  for (const int cameras : {1, 2, 3, 7, 16, 50, 200}) {
    CAPTURE(cameras);
    const Schedule schedule = with(cameras, 1s);
    const auto [smallest, largest] = smallest_and_largest_gap(phases(schedule, cameras), 1s);
    CHECK(smallest >= Nanoseconds(1s) / cameras / 4);
    CHECK(largest <= Nanoseconds(1s) / cameras * 5 / 2);
  }
}

TEST_CASE("200 cameras at 5 frames a second never come in a crowd") {
  Schedule schedule = with(200, 200ms);
  run(schedule, 1s);
  const std::vector<Due> dues = run(schedule, 11s);
  CHECK(dues.size() == 10'000);
  // 10 ms are a twentieth of the interval: ten cameras on average.
  CHECK(most_within(dues, 10ms) <= 16);
  CHECK(std::ranges::all_of(dues, [](const Due& due) { return due.skipped == 0; }));
}

TEST_CASE("cameras of several intervals keep out of each other's way") {
  Schedule schedule;
  for (int i = 0; i < 16; ++i) schedule.add(camera(i), i % 2 == 0 ? 200ms : 1s, 0s);
  run(schedule, 2s);
  const std::vector<Due> dues = run(schedule, 12s);
  CHECK(dues.size() == 8 * 50 + 8 * 10);
  CHECK(most_within(dues, 3ms) <= 1);
}

TEST_CASE("a camera more or less does not move the others") {
  Schedule schedule = with(50, 1s);
  std::vector<Nanoseconds> before;
  for (int i = 0; i < 50; ++i) before.push_back(schedule.phase(camera(i)));
  schedule.add({"another"}, 1s, 5s);
  schedule.add({"and another"}, 700ms, 5s);
  schedule.remove(camera(7));
  for (int i = 0; i < 50; ++i)
    if (i != 7) CHECK(schedule.phase(camera(i)) == before[static_cast<std::size_t>(i)]);
}

TEST_CASE("a camera that takes a removed one's place fills the gap") {
  Schedule schedule = with(16, 1s);
  const Nanoseconds gone = schedule.phase(camera(5));
  schedule.remove(camera(5));
  schedule.add({"another"}, 1s, 0s);
  const Nanoseconds off = schedule.phase({"another"}) - gone;
  CHECK(std::min(std::abs(off.count()), 1'000'000'000 - std::abs(off.count())) <= 40'000'000);
}

TEST_CASE("the same cameras in the same order get the same phases, a lone one by its name") {
  CHECK(phases(with(20, 1s, 3s), 20) == phases(with(20, 1s, 8h), 20));
  Schedule a, b;
  a.add({"garage"}, 1s, 0s);
  b.add({"garden"}, 1s, 0s);
  CHECK(a.phase({"garage"}) != b.phase({"garden"}));
}

TEST_CASE("a new camera is due soon however long its interval, and then at its phase") {
  for (const Nanoseconds interval : {Nanoseconds(100ms), Nanoseconds(1s), Nanoseconds(1h)}) {
    Schedule schedule;
    const Nanoseconds now = 12345678ms;
    for (int i = 0; i < 20; ++i) schedule.add(camera(i), interval, now);
    const std::vector<Due> first = run(schedule, now + Schedule::kFirstWithin);
    for (int i = 0; i < 20; ++i)
      CHECK(std::ranges::any_of(first, [&](const Due& due) { return due.camera == camera(i); }));
    CHECK(most_within(first, 10ms) <= 4);
    // The second one keeps its distance to the first.
    Schedule one;
    one.add({"porch"}, interval, now);
    const Due a = run(one, *one.next()).at(0);
    const Due b = run(one, *one.next()).at(0);
    CHECK(b.at - a.at >= interval / 2);
    CHECK(b.at - a.at <= interval * 3 / 2);
    CHECK((b.at - one.phase({"porch"})) % interval == 0s);
  }
}

TEST_CASE("due times do not drift, however late they are taken") {
  Schedule schedule = with(1, 200ms);
  std::mt19937 random(3);
  Nanoseconds now = 0s;
  int taken = 0;
  while (now < 1h) {
    now = std::max(now, *schedule.next()) + std::chrono::microseconds(random() % 40'000);
    for (const Due& due : take_all(schedule, now)) {
      ++taken;
      CHECK(due.skipped == 0);
      if (taken > 1) CHECK((due.at - schedule.phase(camera(0))) % 200ms == 0s);
    }
  }
  CHECK(taken >= 5 * 3600 - 1);
  CHECK(taken <= 5 * 3600 + 1);
}

TEST_CASE("after a stall there is no burst, and what was missed is counted") {
  Schedule schedule = with(200, 1s);
  run(schedule, 5s);
  // Nobody looks for ten seconds.
  std::vector<Due> after = take_all(schedule, 15s);
  CHECK(after.size() <= 30);
  for (Due& due : after) due.at = 15s;
  const std::vector<Due> later = run(schedule, 16s);
  after.insert(after.end(), later.begin(), later.end());
  CHECK(most_within(after, 100ms) <= 60);
  std::vector<std::uint64_t> skipped(200, 0);
  for (const Due& due : after) skipped[static_cast<std::size_t>(std::stoi(due.camera.value.substr(7)))] += due.skipped;
  for (const std::uint64_t s : skipped) {
    CHECK(s >= 8);
    CHECK(s <= 10);
  }
  const std::vector<Due> usual = run(schedule, 20s);
  CHECK(std::ranges::all_of(usual, [](const Due& due) { return due.skipped == 0; }));
}

TEST_CASE("every due time is taken or counted as skipped, whatever the stalls") {
  Schedule schedule = with(10, 100ms);
  run(schedule, 1s);
  std::mt19937 random(4);
  std::uint64_t taken = 0, skipped = 0;
  Nanoseconds now = 1s;
  while (now < 100s) {
    now += std::chrono::milliseconds(random() % 10 == 0 ? random() % 900 : random() % 20);
    for (const Due& due : take_all(schedule, now)) {
      ++taken;
      skipped += due.skipped;
      CHECK(due.at <= now);
      CHECK(now - due.at <= 25ms);
    }
  }
  CHECK(skipped > 100);
  CHECK(taken + skipped >= 10 * 990 - 100);
  CHECK(taken + skipped <= 10 * 990 + 100);
}

TEST_CASE("a missed picture of a slow camera is made up for, once and soon") {
  Schedule schedule = with(1, 1min);
  const Due last = run(schedule, 3min).back();
  const Nanoseconds late = last.at + 1min + 5s;
  std::vector<Due> dues = take_all(schedule, late);
  const std::vector<Due> more = run(schedule, late + 10s);
  dues.insert(dues.end(), more.begin(), more.end());
  CHECK(dues.size() == 1);
  CHECK(dues.at(0).skipped == 0);
  CHECK(dues.at(0).at <= late + 2s);
  CHECK(schedule.next() == last.at + 2min);
}

TEST_CASE("another interval takes effect at once") {
  Schedule schedule = with(3, 1h);
  run(schedule, 10s);
  schedule.add(camera(1), 1s, 10s);
  CHECK(schedule.size() == 3);
  CHECK(run(schedule, 20s).size() >= 9);
  schedule.remove(camera(1));
  CHECK(run(schedule, 30s).empty());
}
