// The journal's service on a disk that breaks or is full.
#include <algorithm>
#include <fstream>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include "journal/disk_guard.hpp"
#include "journal/reading_json.hpp"
#include "support/crash_vfs.hpp"
#include "support/service_rig.hpp"

using namespace perch;
using namespace std::chrono_literals;
using journal::ServiceOptions;
using test::ServiceRig;
using test::some;
using test::words;

namespace {

/// Overwrites all of a journal but its first page.
void damage(const std::filesystem::path& journal) {
  std::fstream file(journal, std::ios::in | std::ios::out | std::ios::binary);
  const std::string noise(4096, '\x7B');
  const auto pages = static_cast<std::streamoff>(std::filesystem::file_size(journal)) / 4096;
  for (std::streamoff page = 1; page < std::max<std::streamoff>(pages, 150); ++page)
    file.seekp(page * 4096), file << noise;
  std::filesystem::resize_file(journal.string() + "-wal", 0);
}

}  // namespace

TEST_CASE("a journal that breaks while it is used is set aside, and writing goes on in a fresh one") {
  std::vector<journal::Event> events;
  ServiceOptions options;
  options.on_event = [&](const journal::Event& e) { events.push_back(e); };
  test::CrashDisk disk;
  ServiceRig f(std::move(options));
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
  ServiceRig f;
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
  ServiceRig f(std::move(options));
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
