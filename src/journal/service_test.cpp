#include "journal/service.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <future>
#include <set>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "journal/disk_guard.hpp"
#include "journal/reading_json.hpp"
#include "support/crash_vfs.hpp"
#include "support/program.hpp"
#include "support/readings.hpp"

using namespace perch;
using namespace std::chrono_literals;
using journal::Service;
using journal::ServiceOptions;

namespace {

template <class T>
std::string words(const Result<T>& result) {
  return result ? std::string() : result.error().message();
}

std::vector<Reading> some(int count, std::int64_t first = 0) {
  std::vector<Reading> readings;
  for (int i = 0; i < count; ++i)
    readings.push_back(test::reading("door", "cars", UtcTime{1'800'000'000'000ms} + (first + i) * 1s, first + i));
  return readings;
}

/// A clock that stands still, and that a test can watch.
struct WatchedClock final : Clock {
  UtcTime now() const override {
    if (asked) asked();
    return UtcTime{1'800'000'000'000ms};
  }

  Nanoseconds monotonic() const override { return 0ns; }

  BootId boot() const override { return {"boot"}; }

  std::function<void()> asked;  ///< called when somebody asks for the time, on that thread
};

/// Overwrites all of a journal but its first page.
void damage(const std::filesystem::path& journal) {
  std::fstream file(journal, std::ios::in | std::ios::out | std::ios::binary);
  const std::string noise(4096, '\x7B');
  const auto pages = static_cast<std::streamoff>(std::filesystem::file_size(journal)) / 4096;
  for (std::streamoff page = 1; page < std::max<std::streamoff>(pages, 150); ++page)
    file.seekp(page * 4096), file << noise;
  std::filesystem::resize_file(journal.string() + "-wal", 0);
}

/// A service in a folder of its own, and the one thread of its users.
struct Fixture {
  test::TempFolder folder;
  WatchedClock clock;
  asio::io_context io;
  std::unique_ptr<Service> service;

  explicit Fixture(ServiceOptions options = {}) {
    if (options.journal.vfs.empty()) options.journal.reserve_bytes = 0;
    const auto path = options.journal.vfs.empty() ? folder / "journal.db" : std::filesystem::path("/journal.db");
    auto started = Service::start(path, clock, std::move(options));
    REQUIRE(words(started) == "");
    service = std::move(*started);
  }

  /// Runs everything that waits, until nothing does.
  void run() {
    io.restart();
    io.run();
  }

  /// Runs a coroutine to its end, and whatever else is waiting with it.
  template <class T>
  T await(asio::awaitable<T> work) {
    std::optional<T> result;
    asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& e, T value) {
      if (e) std::rethrow_exception(e);
      result = std::move(value);
    });
    io.restart();
    while (!result && io.run_one() > 0) {
    }
    REQUIRE(result.has_value());
    return std::move(*result);
  }
};

}  // namespace

TEST_CASE("what is appended comes back with ids and seqs, and can be read") {
  Fixture f;
  const auto written = f.await(f.service->append(some(3)));
  REQUIRE(words(written) == "");
  REQUIRE(written->size() == 3);
  CHECK((*written)[2].seq == 3);
  CHECK((*written)[0].id.size() == 26);
  CHECK(f.service->last() == 3);
  const auto batch = f.await(f.service->read(1, 10));
  REQUIRE(words(batch) == "");
  CHECK(batch->readings.size() == 2);
  CHECK(batch->readings[0].id == (*written)[1].id);
  const auto page = f.await(f.service->query({}));
  CHECK(page->lines.size() == 3);
}

TEST_CASE("what many ask for at once is written in few transactions, everything once") {
  Fixture f;
  constexpr int kWriters = 200;
  int done = 0;
  std::set<Seq> seqs;
  const auto writer = [&](int i) -> asio::awaitable<void> {
    std::vector<Reading> readings = some(2, i * 10);
    auto written = co_await f.service->append(std::move(readings));
    CHECK(words(written) == "");
    if (written) {
      CHECK((*written)[1].seq == (*written)[0].seq + 1);
      CHECK(test::count_of((*written)[0]) == i * 10);
      for (const Reading& r : *written) CHECK(seqs.insert(r.seq).second);
    }
    ++done;
  };
  for (int i = 0; i < kWriters; ++i) asio::co_spawn(f.io, writer(i), asio::detached);
  f.run();
  CHECK(done == kWriters);
  CHECK(seqs.size() == 2 * kWriters);
  const auto stats = f.await(f.service->stats());
  REQUIRE(words(stats) == "");
  CHECK(stats->written == 2 * kWriters);
  CHECK(stats->transactions < kWriters / 2);
}

TEST_CASE("one bad reading does not spoil those that are written with it") {
  Fixture f;
  std::vector<Reading> huge = some(1);
  huge[0].observation.findings.grids = {{0, 400, 400, std::vector<float>(160'000, 0.123456F)}};
  std::vector<Errc> bad;
  int good = 0;
  const auto writer = [&](std::vector<Reading> readings) -> asio::awaitable<void> {
    auto written = co_await f.service->append(std::move(readings));
    if (written)
      ++good;
    else
      bad.push_back(written.error().code);
  };
  for (int i = 0; i < 10; ++i) {
    asio::co_spawn(f.io, writer(some(1)), asio::detached);
    if (i == 5) asio::co_spawn(f.io, writer(huge), asio::detached);
  }
  f.run();
  CHECK(good == 10);
  CHECK(bad == std::vector<Errc>{Errc::too_large});
  CHECK(f.service->last() == 10);
}

TEST_CASE("a full queue makes those who append wait, and loses nothing") {
  ServiceOptions options;
  options.most_queued = 4;
  Fixture f(std::move(options));
  int done = 0;
  const auto writer = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 20; ++i) {
      std::vector<Reading> readings = some(3);
      auto written = co_await f.service->append(std::move(readings));
      CHECK(words(written) == "");
      ++done;
    }
  };
  for (int i = 0; i < 10; ++i) asio::co_spawn(f.io, writer(), asio::detached);
  f.run();
  CHECK(done == 200);
  CHECK(f.service->last() == 600);
  // More than there is room for at all goes by itself.
  CHECK(f.await(f.service->append(some(50)))->size() == 50);
}

TEST_CASE("a sink waits for what is beyond its cursor, and gets everything in order") {
  Fixture f;
  REQUIRE(words(f.await(f.service->add_cursor("hub", journal::Start::oldest))) == "");
  std::vector<Seq> seen;
  const auto sink = [&]() -> asio::awaitable<void> {
    while (seen.size() < 100) {
      auto batch = co_await f.service->next("hub", 7);
      CHECK(words(batch) == "");
      if (!batch) co_return;
      for (const Reading& r : batch->readings) seen.push_back(r.seq);
      auto stands = co_await f.service->advance("hub", batch->last);
      CHECK(stands == batch->last);
    }
  };
  const auto writer = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 50; ++i) {
      std::vector<Reading> readings = some(2);
      auto written = co_await f.service->append(std::move(readings));
      CHECK(words(written) == "");
    }
  };
  asio::co_spawn(f.io, sink(), asio::detached);
  asio::co_spawn(f.io, writer(), asio::detached);
  f.run();
  REQUIRE(seen.size() == 100);
  for (Seq i = 0; i < 100; ++i) CHECK(seen[i] == i + 1);
  CHECK(f.await(f.service->cursor("hub")) == 100);
  CHECK(f.await(f.service->stats())->lag.at("hub") == 0);
}

TEST_CASE("a sink does not wait for readings that were pruned away") {
  Fixture f;
  REQUIRE(words(f.await(f.service->append(some(10)))) == "");
  REQUIRE(words(f.await(f.service->prune({{}, 0}))) == "");
  REQUIRE(words(f.await(f.service->add_cursor("late", journal::Start::oldest))) == "");
  bool got = false;
  const auto sink = [&]() -> asio::awaitable<void> {
    auto batch = co_await f.service->next("late", 7);
    got = batch && batch->readings.at(0).seq == 11;
  };
  asio::co_spawn(f.io, sink(), asio::detached);
  REQUIRE(words(f.await(f.service->append(some(1)))) == "");
  f.run();
  CHECK(got);
}

TEST_CASE("readings go by their age again once the cursor of a sink that is no more is not kept") {
  Fixture f;
  for (const char* name : {"hub", "former"})
    REQUIRE(words(f.await(f.service->add_cursor(name, journal::Start::oldest))) == "");
  std::vector<Reading> readings = some(10, -1'000'000);  // older than the clock's now by more than a week
  REQUIRE(words(f.await(f.service->append(std::move(readings)))) == "");
  REQUIRE(f.await(f.service->advance("hub", 10)) == 10);
  const journal::Retention week{.max_age = std::chrono::days(7)};
  CHECK(f.await(f.service->prune(week))->delivered == 0);  // held by who does not come any more
  CHECK(f.await(f.service->keep_cursors({"hub", "new"})).value() == std::vector<std::string>{"former"});
  CHECK(f.await(f.service->cursor("hub")) == 10);
  CHECK(f.await(f.service->cursor("former")).error().code == Errc::not_found);
  CHECK(f.await(f.service->prune(week))->delivered == 10);
}

TEST_CASE("a wait ends at once when it is cancelled, and the service goes on") {
  Fixture f;
  Result<void> woken;
  bool done = false;
  asio::cancellation_signal signal;
  const auto wait = [&]() -> asio::awaitable<void> {
    woken = co_await f.service->wait_beyond(5);
    done = true;
  };
  asio::co_spawn(f.io, wait(), asio::bind_cancellation_slot(signal.slot(), asio::detached));
  REQUIRE(words(f.await(f.service->append(some(3)))) == "");
  CHECK_FALSE(done);
  signal.emit(asio::cancellation_type::terminal);
  f.run();
  REQUIRE(done);
  REQUIRE_FALSE(woken);
  CHECK(woken.error().code == Errc::canceled);
  CHECK(f.await(f.service->append(some(3)))->size() == 3);
}

TEST_CASE("stopping writes what was queued, and tells everybody who waits") {
  Fixture f;
  int written = 0, refused = 0;
  const auto writer = [&]() -> asio::awaitable<void> {
    std::vector<Reading> readings = some(1);
    auto result = co_await f.service->append(std::move(readings));
    ++(result ? written : refused);
  };
  Errc waited = Errc::internal;
  const auto waiter = [&]() -> asio::awaitable<void> {
    auto woken = co_await f.service->wait_beyond(1000);
    waited = woken ? Errc::internal : woken.error().code;
  };
  asio::co_spawn(f.io, waiter(), asio::detached);
  for (int i = 0; i < 20; ++i) asio::co_spawn(f.io, writer(), asio::detached);
  f.io.poll();
  f.service->stop();
  asio::co_spawn(f.io, writer(), asio::detached);
  f.run();
  CHECK(written == 20);
  CHECK(refused == 1);
  CHECK(waited == Errc::canceled);
  auto opened = journal::Journal::open(f.folder / "journal.db", f.clock, {{}, 0});
  REQUIRE(words(opened) == "");
  CHECK((*opened)->last() == 20);
}

TEST_CASE("coroutines that nobody runs any more do not hold the service up") {
  auto f = std::make_unique<Fixture>();
  const auto wait = [&]() -> asio::awaitable<void> {
    auto woken = co_await f->service->wait_beyond(1000);
    CHECK_FALSE(woken);
  };
  asio::co_spawn(f->io, wait(), asio::detached);
  f->io.poll();
  f.reset();
}

TEST_CASE("a journal that breaks while it is used is set aside, and writing goes on in a fresh one") {
  std::vector<journal::Event> events;
  ServiceOptions options;
  options.on_event = [&](const journal::Event& e) { events.push_back(e); };
  test::CrashDisk disk;
  Fixture f(std::move(options));
  REQUIRE(words(f.await(f.service->add_cursor("hub", journal::Start::oldest))) == "");
  REQUIRE(words(f.await(f.service->append(some(2000)))) == "");
  const std::string id = f.await(f.service->stats())->journal;
  damage(f.folder / "journal.db");  // behind the service's back
  Result<std::vector<Reading>> written;
  for (int i = 0; i < 3 && events.empty(); ++i) written = f.await(f.service->append(some(2000)));
  if (events.empty()) f.await(f.service->read(0, 10'000));
  written = f.await(f.service->append(some(1)));
  CHECK(words(written) == "");
  const auto stats = f.await(f.service->stats());
  CHECK(stats->journal != id);
  CHECK(stats->lag.contains("hub"));
  f.service->stop();
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == journal::Event::Kind::damaged);
}

TEST_CASE(
    "a journal that breaks while many write and cannot be replaced refuses them all, and a later one takes them") {
  Fixture f;
  const std::filesystem::path away = f.folder.path().string() + "-away";
  // More than SQLite remembers, so that readings of the earliest time need what is on the disk.
  for (int i = 0; i < 3; ++i) REQUIRE(words(f.await(f.service->append(some(5000, i * 5000)))) == "");
  damage(f.folder / "journal.db");
  std::filesystem::rename(f.folder.path(), away);
  std::vector<Errc> refused;
  const auto writer = [&](std::vector<Reading> readings) -> asio::awaitable<void> {
    auto written = co_await f.service->append(std::move(readings));
    if (!written) refused.push_back(written.error().code);
  };
  for (int round = 0; round < 5 && refused.empty(); ++round) {  // until it comes upon the damage
    std::promise<void> queued;
    int asked = 0;
    f.clock.asked = [&] {  // the first write of a round waits until others are queued behind it
      if (asked++ == 0) queued.get_future().wait();
    };
    asio::co_spawn(f.io, writer(some(1, 20'000)), asio::detached);  // of the latest time: it needs nothing old
    for (int i = 0; i < 2; ++i) asio::co_spawn(f.io, writer(some(2000)), asio::detached);
    f.io.restart();
    f.io.poll();
    queued.set_value();
    f.run();
    f.clock.asked = nullptr;
  }
  CHECK(refused.size() >= 2);
  CHECK(std::ranges::count(refused, Errc::invalid) == 0);  // nothing was wrong with what they wrote
  std::filesystem::rename(away, f.folder.path());
  CHECK(words(f.await(f.service->append(some(1)))) == "");
}

TEST_CASE("a full disk gives up pictures, then delivered readings, then the oldest, and says how many were lost") {
  using Step = journal::DiskGuard::Step;
  journal::DiskGuard guard;
  CHECK(guard.next() == Step::pictures);
  guard.freed(100);
  CHECK(guard.next() == Step::pictures);
  guard.freed(0);
  CHECK(guard.next() == Step::delivered);
  guard.freed(0);
  CHECK(guard.next() == Step::oldest);
  guard.freed(0);
  CHECK(guard.next() == Step::nothing);
  guard.freed(0);
  CHECK(guard.next() == Step::nothing);
  guard.recovered();
  CHECK(guard.next() == Step::pictures);

  test::CrashDisk disk;
  constexpr std::uint64_t kRoom = 6'000'000;
  std::uint64_t pictures = 1'000'000;  // bytes that they take of the disk
  disk.set_room(kRoom - pictures);
  std::vector<std::string> order;
  ServiceOptions options;
  options.journal = {disk.vfs(), 0, 50};
  options.free_at_once = 1'000'000;
  options.free_pictures = [&](std::uint64_t bytes) {
    const std::uint64_t freed = std::min(bytes, pictures);
    pictures -= freed;
    if (freed > 0) order.emplace_back("pictures");
    // The room that the journal's deletions need: on a real disk, the reserve.
    disk.set_room(freed > 0 ? kRoom - pictures : kRoom + 3'000'000);
    return freed;
  };
  std::uint64_t lost = 0;
  options.on_event = [&](const journal::Event& e) {
    if (e.kind == journal::Event::Kind::full) order.emplace_back("full");
    if (e.kind == journal::Event::Kind::lost) order.emplace_back("lost");
    if (e.kind == journal::Event::Kind::space_again) {
      order.emplace_back("space");
      disk.set_room(kRoom);
    }
    lost += e.readings;
  };
  options.lost_reading = [](std::uint64_t count) {
    return test::reading("device", "journal", UtcTime{1'900'000'000'000ms}, static_cast<std::int64_t>(count));
  };
  Fixture f(std::move(options));
  REQUIRE(words(f.await(f.service->add_cursor("hub", journal::Start::oldest))) == "");
  const auto append = [&] { REQUIRE(words(f.await(f.service->append(some(500)))) == ""); };
  for (int i = 0; i < 6; ++i) append();
  REQUIRE(words(f.await(f.service->advance("hub", 3000))) == "");
  const auto times = [&](std::string_view what) { return std::ranges::count(order, what); };
  while (times("space") < 3 || times("lost") < 2) append();

  const auto page = f.await(f.service->query({"device", "journal", {}, {}}));
  REQUIRE(words(page) == "");
  std::uint64_t told = 0;
  for (const std::string& line : page->lines)
    told += static_cast<std::uint64_t>(test::count_of(*journal::reading_from_json(line)));
  const auto left = f.await(f.service->read(0, 1));
  f.service->stop();
  CHECK(order[0] == "full");
  CHECK(order[1] == "pictures");
  CHECK(order[2] == "space");
  CHECK(order[3] == "full");
  CHECK(order[4] == "space");  // the delivered ones went without a word
  CHECK(lost > 0);
  CHECK(told == lost);
  CHECK(left->readings.at(0).seq > 3000 + lost - 500);  // the oldest went, and nothing but them
  CHECK(left->readings.at(0).seq <= 3001 + lost);
}
