// How fast the journal takes and finds readings on this disk:
//   cmake --build --preset release --target journal_bench && build/release/bench/journal_bench [FOLDER]
// Everything is measured twice, alternating, and the better of both is printed: ratios are what to compare.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "journal/journal.hpp"
#include "journal/reading_json.hpp"

namespace {

using namespace perch;
using Watch = std::chrono::steady_clock;

constexpr UtcTime kStart{std::chrono::milliseconds{1'800'000'000'000}};
constexpr int kCameras = 16;

Reading reading(std::int64_t n) {
  Reading r;
  r.device = "garage";
  r.camera = fmt::format("camera-{}", n % kCameras);
  r.task = "cars";
  r.observation.stamp = {kStart + std::chrono::milliseconds{n * 50}, {"9f2c0f1e-boot"}, std::chrono::milliseconds{n}};
  r.observation.values = {{"car", n % 7}, {"truck", std::int64_t{0}}};
  r.observation.confidence = 0.91F;
  r.observation.findings.detections = {{0, {0}, 0.91F, {412, 233, 180, 96}, TrackId{17}},
                                       {0, {0}, 0.83F, {12, 33, 80, 56}, TrackId{18}}};
  r.labels = {"car"};
  r.model = "yolox-nano@695e750a";
  return r;
}

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().message());
  std::exit(1);
}

double seconds_since(Watch::time_point start) {
  return std::chrono::duration<double>(Watch::now() - start).count();
}

/// Appends for about a second in groups; returns readings a second.
double append_rate(journal::Journal& log, std::int64_t& n, int group) {
  const auto start = Watch::now();
  std::int64_t written = 0;
  while (seconds_since(start) < 1) {
    std::vector<Reading> readings;
    for (int i = 0; i < group; ++i) readings.push_back(reading(n++));
    must(log.append(readings));
    written += group;
  }
  return static_cast<double>(written) / seconds_since(start);
}

double json_rate(bool read) {
  Reading r = reading(1);
  r.id = r.journal = "01KAJ0000000000000000000AB";
  r.seq = 1;
  const std::string line = journal::to_json(r);
  const auto start = Watch::now();
  std::int64_t count = 0;
  std::size_t bytes = 0;
  for (; count % 1000 != 0 || seconds_since(start) < 0.5; ++count)
    bytes += read ? must(journal::reading_from_json(line)).id.size() : journal::to_json(r).size();
  return bytes > 0 ? static_cast<double>(count) / seconds_since(start) : 0;
}

/// The best of some runs, in milliseconds.
template <class F>
double latency_ms(F run) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = Watch::now();
    run();
    best = std::min(best, seconds_since(start) * 1000);
  }
  return best;
}

void measure_queries(journal::Journal& log, std::int64_t rows) {
  const auto query = [&](std::string_view what, const journal::Query& q) {
    std::size_t found = 0;
    const double ms = latency_ms([&] { found = must(log.query(q)).lines.size(); });
    fmt::print("  query {:<38} {:8.2f} ms  {} rows\n", what, ms, found);
  };
  const UtcTime middle = kStart + std::chrono::milliseconds{rows * 25};
  query("newest 100 of all", {});
  query("newest 100 of a camera", {"camera-3", {}, {}, {}});
  query("100 from the middle, oldest first", {"camera-3", "cars", middle, {}, journal::Order::oldest_first});
  query("newest 1000 of all", {{}, {}, {}, {}, journal::Order::newest_first, 1000});
  fmt::print("  read 100 for a sink, from the middle          {:8.2f} ms\n",
             latency_ms([&] { must(log.read(static_cast<Seq>(rows) / 2, 100)); }));
  fmt::print("  content {} MB, {} bytes a reading\n", must(log.content_bytes()) / 1'000'000,
             must(log.content_bytes()) / static_cast<std::uint64_t>(rows));
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder =
      std::filesystem::path(argc > 1 ? argv[1] : ".") / fmt::format("journal-bench-{}", ::getpid());
  std::filesystem::create_directories(folder);
  const SystemClock clock;
  {
    const auto log = must(journal::Journal::open(folder / "journal.db", clock, {{}, 0}));
    std::int64_t n = 0;
    std::array<double, 3> best{};
    constexpr std::array kGroups{1, 10, 100};
    for (int round = 0; round < 3; ++round)
      for (std::size_t i = 0; i < kGroups.size(); ++i) best[i] = std::max(best[i], append_rate(*log, n, kGroups[i]));
    for (std::size_t i = 0; i < kGroups.size(); ++i)
      fmt::print("  append in groups of {:<4} {:10.0f} readings/s  {:6.1f} times one by one\n", kGroups[i], best[i],
                 best[i] / best[0]);
    fmt::print("  to JSON {:.0f}/s, from JSON {:.0f}/s\n", json_rate(false), json_rate(true));
    constexpr std::int64_t kRows = 1'000'000;
    while (n < kRows) {
      std::vector<Reading> readings;
      for (int i = 0; i < 1000; ++i) readings.push_back(reading(n++));
      must(log->append(readings));
    }
    fmt::print("  at {} readings:\n", n);
    measure_queries(*log, n);
    const auto start = Watch::now();
    journal::Pruned all;
    do {
      all += must(log->prune({{}, must(log->content_bytes()) * 9 / 10}));
    } while (all.delivered < 100'000);
    fmt::print("  prune {:.0f} readings/s\n", static_cast<double>(all.delivered) / seconds_since(start));
  }
  {
    const auto start = Watch::now();
    must(journal::Journal::open(folder / "journal.db", clock, {{}, 0}));
    fmt::print("  open {:.1f} ms\n", seconds_since(start) * 1000);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
