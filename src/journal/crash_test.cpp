// The journal on a disk that forgets what was not synced, cut at every write of a workload.
#include <map>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "journal/journal.hpp"
#include "support/crash_vfs.hpp"
#include "support/readings.hpp"

using namespace perch;
using namespace std::chrono_literals;
using journal::Journal;
using test::CrashDisk;

namespace {

constexpr const char* kPath = "/journal.db";
constexpr const char* kCursor = "hub";

/// The words of a failure, for messages of the tests.
template <class T>
std::string words(const Result<T>& result) {
  return result ? std::string() : result.error().message();
}

/// What the journal has said that it did, and what it was asked to do when it stopped answering.
struct Promised {
  std::string id;                      ///< of the journal; empty until it was opened
  std::map<Seq, std::string> written;  ///< seq → id of the reading
  std::vector<std::string> in_flight;  ///< ids that an append which failed tried to write
  bool has_cursor = false;
  Seq cursor = 0;        ///< where it was said to stand
  Seq cursor_tried = 0;  ///< where it was last asked to go
  Seq prunable = 0;      ///< what a prune may have deleted

  Seq last() const { return written.empty() ? 0 : written.rbegin()->first; }
};

/// Appends, advances, prunes and reopens, until something fails.
class Workload {
 public:
  explicit Workload(CrashDisk& disk) : disk_(disk) {}

  const Promised& promised() const { return promised_; }

  Result<void> run() {
    PERCH_CHECK(open());
    for (int round = 0; round < 12; ++round) {
      PERCH_CHECK(append(1 + round % 3));
      if (round == 1) PERCH_CHECK(add_cursor());
      if (round % 2 == 1) PERCH_CHECK(advance(promised_.last() - static_cast<Seq>(round % 3)));
      if (round % 4 == 3) PERCH_CHECK(prune());
      if (round == 6) PERCH_CHECK(open());
    }
    return {};
  }

 private:
  Result<void> open() {
    log_.reset();
    PERCH_TRY(log_, Journal::open(kPath, clock_, {disk_.vfs(), 0, 12}));
    CHECK((promised_.id.empty() || promised_.id == log_->id()));
    promised_.id = log_->id();
    return {};
  }

  Result<void> append(int count) {
    std::vector<Reading> readings;
    promised_.in_flight.clear();
    for (int i = 0; i < count; ++i) {
      readings.push_back(test::reading(i % 2 == 0 ? "door" : "yard", "cars", clock_.now(), i));
      readings.back().id = fmt::format("reading-{}", ++readings_);
      readings.back().observation.reason = std::string(700, 'x');  // so that pages split
      promised_.in_flight.push_back(readings.back().id);
      clock_.advance(1s);
    }
    PERCH_CHECK(log_->append(readings));
    for (const Reading& r : readings) CHECK(promised_.written.emplace(r.seq, r.id).second);
    promised_.in_flight.clear();
    return {};
  }

  Result<void> add_cursor() {
    PERCH_CHECK(log_->add_cursor(kCursor, journal::Start::oldest));
    promised_.has_cursor = true;
    return {};
  }

  Result<void> advance(Seq to) {
    promised_.cursor_tried = std::max(promised_.cursor_tried, to);
    PERCH_TRY(promised_.cursor, log_->advance(kCursor, to));
    return {};
  }

  Result<void> prune() {
    promised_.prunable = promised_.cursor;
    PERCH_CHECK(log_->prune({{}, 0}));
    return log_->compact();
  }

  CrashDisk& disk_;
  ManualClock clock_{*parse_utc("2026-11-21T00:00:00.000Z")};
  std::unique_ptr<Journal> log_;
  Promised promised_;
  int readings_ = 0;
};

/// Opens the journal after a crash and holds it to its promises. Returns what is broken, or nothing.
std::string broken_promise(CrashDisk& disk, const Promised& promised) {
  const ManualClock clock;
  auto opened = Journal::open(kPath, clock, {disk.vfs(), 0, 12});
  if (!opened) return "does not open: " + opened.error().message();
  Journal& log = **opened;
  if (!log.opened().set_aside.empty()) return "was set aside: " + log.opened().damage;
  if (!promised.id.empty() && log.id() != promised.id) return "is another journal";

  const auto batch = log.read(0, 1000);
  if (!batch) return "cannot be read: " + batch.error().message();
  if (batch->damaged > 0) return "has rows that cannot be read";
  std::map<Seq, std::string> found;
  for (const Reading& r : batch->readings) found.emplace(r.seq, r.id);
  for (const auto& [seq, id] : promised.written) {
    if (const auto at = found.find(seq); at != found.end() && at->second != id)
      return "has another reading under a seq";
    if (seq > promised.prunable && !found.contains(seq)) return fmt::format("has lost reading {}", seq);
  }
  for (const auto& [seq, id] : found)
    if (!promised.written.contains(seq) && std::ranges::find(promised.in_flight, id) == promised.in_flight.end())
      return "has a reading that nobody wrote";

  const auto cursor = log.cursor(kCursor);
  if (promised.has_cursor && !cursor) return "has lost its cursor";
  if (cursor && *cursor < promised.cursor) return "has a cursor that went back";
  if (cursor && (*cursor > promised.cursor_tried || *cursor > log.last())) return "has a cursor that ran ahead";

  if (log.last() < promised.last()) return "would give a seq again";
  std::vector<Reading> more{test::reading("door", "cars", clock.now())};
  const auto last = log.append(more);
  if (!last) return "takes no more readings: " + last.error().message();
  if (promised.written.contains(*last) || found.contains(*last)) return "gave a seq again";
  return {};
}

}  // namespace

TEST_CASE("the workload runs to its end on a disk that works, and survives a power cut after it") {
  CrashDisk disk;
  CrashDisk::Image image;
  Promised promised;
  {
    Workload workload(disk);
    REQUIRE(words(workload.run()) == "");
    image = disk.image();
    promised = workload.promised();
  }
  CHECK(promised.written.size() == 24);
  CHECK(promised.prunable > 10);
  disk.boot(image, CrashDisk::Unsynced::lost);
  CHECK(broken_promise(disk, promised) == "");
}

TEST_CASE("cut at every write, the journal opens with every reading it promised, and no cursor ahead") {
  std::uint64_t operations = 0;
  {
    CrashDisk disk;
    Workload workload(disk);
    REQUIRE(words(workload.run()) == "");
    operations = disk.operations();
  }
  REQUIRE(operations > 150);
  for (std::uint64_t cut = 1; cut <= operations; ++cut) {
    CrashDisk disk;
    CrashDisk::Image image;
    Promised promised;
    {
      Workload workload(disk);
      disk.fail_from(cut);
      CHECK_FALSE(workload.run());
      image = disk.image();
      promised = workload.promised();
    }
    const auto check = [&](CrashDisk::Unsynced unsynced, std::uint64_t seed) {
      disk.boot(image, unsynced, seed);
      const std::string broken = broken_promise(disk, promised);
      CHECK_MESSAGE(broken.empty(), "cut at ", cut, " of ", operations, ", unsynced ", static_cast<int>(unsynced),
                    ", seed ", seed, ": ", broken);
    };
    check(CrashDisk::Unsynced::lost, 0);
    check(CrashDisk::Unsynced::kept, 0);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) check(CrashDisk::Unsynced::some, cut * 10 + seed);
  }
}

TEST_CASE("a disk that lies about syncing breaks the promises, so these checks would notice") {
  CrashDisk disk;
  Promised promised;
  CrashDisk::Image image;
  disk.lie();
  {
    Workload workload(disk);
    REQUIRE(words(workload.run()) == "");
    promised = workload.promised();
    image = disk.image();
  }
  disk.boot(image, CrashDisk::Unsynced::lost);
  CHECK(broken_promise(disk, promised) == "is another journal");
  disk.boot(image, CrashDisk::Unsynced::kept);
  CHECK(broken_promise(disk, promised) == "");
}

TEST_CASE("a full disk is an error, loses nothing, and releasing makes room again") {
  CrashDisk disk;
  ManualClock clock{*parse_utc("2026-11-21T00:00:00.000Z")};
  auto log = Journal::open(kPath, clock, {disk.vfs(), 0, 12});
  REQUIRE(log);
  disk.set_room(6'000'000);
  std::uint64_t written = 0;
  Error error;
  for (;;) {
    std::vector<Reading> readings{test::reading("door", "cars", clock.now(), static_cast<std::int64_t>(written))};
    readings[0].observation.reason = std::string(2000, 'x');
    if (const auto last = (*log)->append(readings); !last) {
      error = last.error();
      break;
    }
    ++written;
  }
  CHECK(error.code == Errc::full);
  CHECK((*log)->last() == written);
  CHECK((*log)->read(0, 10'000)->readings.size() == written);

  disk.set_room(7'500'000);  // what the reserve, or a deleted picture, gives
  const auto released = (*log)->release(2'000'000, false);
  REQUIRE(words(released) == "");
  CHECK(released->delivered > 500);
  CHECK(released->lost == 0);
  CHECK(released->by_bytes >= 2'000'000);
  disk.set_room(6'000'000);
  std::vector<Reading> readings{test::reading("door", "cars", clock.now())};
  CHECK((*log)->append(readings) == written + 1);
}
