#include "journal/journal.hpp"

#include <fstream>
#include <set>

#include <doctest/doctest.h>

#include "journal/reading_json.hpp"
#include "support/program.hpp"
#include "support/readings.hpp"

using namespace perch;
using namespace std::chrono_literals;
using journal::Journal;
using test::count_of;
using test::reading;

namespace {

/// A journal in a folder of its own, on a clock that stands still until told.
struct Fixture {
  test::TempFolder folder;
  ManualClock clock{*parse_utc("2026-11-21T00:00:00.000Z")};
  journal::Options options{{}, 0, 1000};
  std::unique_ptr<Journal> log;

  Fixture() { open(); }

  std::filesystem::path path() const { return folder / "journal.db"; }

  void open() {
    log.reset();
    auto opened = Journal::open(path(), clock, options);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message()));
    log = std::move(*opened);
  }

  /// Appends `count` readings, a second apart, one transaction.
  Seq append(int count, const std::string& camera = "door", const std::string& task = "cars") {
    std::vector<Reading> readings;
    for (int i = 0; i < count; ++i) {
      readings.push_back(reading(camera, task, clock.now(), next_++));
      clock.advance(1s);
    }
    const auto last = log->append(readings);
    REQUIRE_MESSAGE(last, (last ? "" : last.error().message()));
    return *last;
  }

  std::vector<Seq> seqs() {
    std::vector<Seq> all;
    for (Seq after = 0;;) {
      const auto batch = log->read(after, 1000);
      REQUIRE(batch);
      if (batch->readings.empty()) return all;
      for (const Reading& r : batch->readings) all.push_back(r.seq);
      after = batch->last;
    }
  }

 private:
  std::int64_t next_ = 1;
};

std::vector<std::int64_t> counts(const journal::Page& page) {
  std::vector<std::int64_t> all;
  for (const std::string& line : page.lines) {
    const auto r = journal::reading_from_json(line);
    REQUIRE(r);
    all.push_back(count_of(*r));
  }
  return all;
}

}  // namespace

TEST_CASE("readings come back in order, with seqs that ascend and the journal's id") {
  Fixture f;
  CHECK(f.log->opened().fresh);
  CHECK(f.append(3) == 3);
  const auto batch = f.log->read(1, 10);
  REQUIRE(batch);
  REQUIRE(batch->readings.size() == 2);
  CHECK(batch->readings[0].seq == 2);
  CHECK(count_of(batch->readings[0]) == 2);
  CHECK(batch->readings[0].journal == f.log->id());
  CHECK(batch->readings[0].id.size() == 26);
  CHECK(batch->readings[0].id != batch->readings[1].id);
  CHECK(batch->last == 3);
}

TEST_CASE("a journal opened again is the same journal") {
  Fixture f;
  f.append(3);
  const std::string id = f.log->id();
  REQUIRE(f.log->add_cursor("hub", journal::Start::oldest));
  REQUIRE(f.log->advance("hub", 2));
  f.open();
  CHECK_FALSE(f.log->opened().fresh);
  CHECK(f.log->id() == id);
  CHECK(f.log->last() == 3);
  CHECK(f.log->cursor("hub") == 2);
  CHECK(f.append(1) == 4);
}

TEST_CASE("a restored backup gets a new id; what it holds keeps the old one") {
  Fixture f;
  f.append(1);
  const std::string before = f.log->id();
  REQUIRE(f.log->renew_id());
  f.append(1);
  f.open();
  CHECK(f.log->id() != before);
  const auto batch = f.log->read(0, 10);
  REQUIRE(batch);
  CHECK(batch->readings[0].journal == before);
  CHECK(batch->readings[1].journal == f.log->id());
}

TEST_CASE("two programs cannot write one journal") {
  Fixture f;
  const auto second = Journal::open(f.path(), f.clock, f.options);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::exists);
  f.append(1);
}

TEST_CASE("a seq is never used again, not even after everything was pruned") {
  Fixture f;
  f.append(5);
  const auto pruned = f.log->prune({{}, 0, 0});
  REQUIRE(pruned);
  CHECK(pruned->delivered == 5);
  CHECK(pruned->lost == 0);
  CHECK(f.seqs().empty());
  f.open();
  CHECK(f.log->last() == 5);
  CHECK(f.append(1) == 6);
}

TEST_CASE("a reading that cannot be is refused, and nothing of its transaction stays") {
  Fixture f;
  std::vector<Reading> readings{reading("door", "cars", f.clock.now()), reading("", "cars", f.clock.now())};
  CHECK(f.log->append(readings).error().code == Errc::invalid);
  readings[1] = reading("new", "cars", f.clock.now());
  readings[1].observation.findings.grids = {{0, 400, 400, std::vector<float>(160'000, 0.123456F)}};
  CHECK(f.log->append(readings).error().code == Errc::too_large);
  CHECK(f.seqs().empty());
  CHECK(f.append(1, "new") == 1);
  CHECK(counts(*f.log->query({"new", {}, {}, {}})) == std::vector<std::int64_t>{1});
}

TEST_CASE("a cursor moves forward only, and never beyond what was written") {
  Fixture f;
  f.append(3);
  CHECK(f.log->add_cursor("hub", journal::Start::oldest) == 0);
  CHECK(f.log->add_cursor("file", journal::Start::newest) == 3);
  CHECK(f.log->advance("hub", 2) == 2);
  CHECK(f.log->advance("hub", 1) == 2);
  CHECK(f.log->advance("hub", 4).error().code == Errc::invalid);
  CHECK(f.log->advance("nobody", 1).error().code == Errc::not_found);
  CHECK(f.log->add_cursor("hub", journal::Start::newest) == 2);
  CHECK(f.log->lag("hub") == 1);
  CHECK(f.log->lag("file") == 0);
  CHECK(f.log->delivered() == 2);
  REQUIRE(f.log->remove_cursor("hub"));
  CHECK(f.log->delivered() == 3);
  CHECK(f.log->cursor("hub").error().code == Errc::not_found);
}

TEST_CASE("a query finds a camera, a task, a span of time, newest or oldest first") {
  Fixture f;
  const UtcTime start = f.clock.now();
  f.append(1, "door", "cars");    // 1, at 0 s
  f.append(1, "door", "people");  // 2
  f.append(1, "yard", "cars");    // 3
  f.append(1, "door", "cars");    // 4
  const auto find = [&](const journal::Query& q) {
    const auto page = f.log->query(q);
    REQUIRE(page);
    CHECK(page->next.empty());
    return counts(*page);
  };
  using Counts = std::vector<std::int64_t>;
  CHECK(find({}) == Counts{4, 3, 2, 1});
  CHECK(find({"door", {}, {}, {}}) == Counts{4, 2, 1});
  CHECK(find({{}, "cars", {}, {}}) == Counts{4, 3, 1});
  CHECK(find({"door", "cars", {}, {}, journal::Order::oldest_first}) == Counts{1, 4});
  CHECK(find({{}, {}, start + 1s, start + 3s}) == Counts{3, 2});
  CHECK(find({"cellar", {}, {}, {}}).empty());
  CHECK(f.log->query({{}, {}, {}, {}, {}, 0}).error().code == Errc::invalid);
  CHECK(f.log->query({{}, {}, {}, {}, {}, 10, "17"}).error().code == Errc::invalid);
  CHECK(f.log->query({{}, {}, {}, {}, {}, 10, "17.x"}).error().code == Errc::invalid);
}

TEST_CASE("pages together are everything once, even of one instant and while new readings come") {
  Fixture f;
  std::vector<Reading> readings;
  for (int i = 0; i < 25; ++i) readings.push_back(reading(i % 2 == 0 ? "a" : "b", "t", f.clock.now(), i));
  REQUIRE(f.log->append(readings));
  for (const auto order : {journal::Order::newest_first, journal::Order::oldest_first}) {
    std::vector<std::int64_t> all;
    journal::Query q{{}, {}, {}, {}, order, 4};
    for (;;) {
      const auto page = f.log->query(q);
      REQUIRE(page);
      for (const std::int64_t c : counts(*page)) all.push_back(c);
      if (order == journal::Order::newest_first) f.append(1);
      if (page->next.empty()) break;
      q.page = page->next;
    }
    if (order == journal::Order::newest_first) {
      REQUIRE(all.size() == 25);
      for (int i = 0; i < 25; ++i) CHECK(all[static_cast<std::size_t>(i)] == 24 - i);
    } else {
      REQUIRE(all.size() > 25);
      for (int i = 0; i < 25; ++i) CHECK(all[static_cast<std::size_t>(i)] == i);
    }
  }
}

TEST_CASE("reading stops at the limit of rows and of bytes, and says how far it came") {
  Fixture f;
  f.append(10);
  CHECK(f.log->read(0, 4)->last == 4);
  CHECK(f.log->read(0, 10)->last == 10);
  const auto one = f.log->read(4, 10, 1);
  CHECK(one->readings.size() == 1);
  CHECK(one->last == 5);
  CHECK(f.log->read(10, 10)->readings.empty());
  CHECK(f.log->read(10, 10)->last == 10);
}

TEST_CASE("what is older than the retention goes, once it is delivered") {
  Fixture f;
  f.append(10);
  REQUIRE(f.log->add_cursor("hub", journal::Start::oldest));
  REQUIRE(f.log->advance("hub", 4));
  f.clock.advance(1h);
  f.append(2);
  const auto pruned = f.log->prune({30min});
  REQUIRE(pruned);
  CHECK(pruned->delivered == 4);
  CHECK(pruned->lost == 0);
  CHECK(f.seqs() == std::vector<Seq>{5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(f.log->lag("hub") == 8);
  REQUIRE(f.log->advance("hub", 12));
  REQUIRE(f.log->prune({30min}));
  CHECK(f.seqs() == std::vector<Seq>{11, 12});
}

TEST_CASE("a reading stamped by a clock that was not set is not thrown away for its age") {
  Fixture f;
  std::vector<Reading> readings{reading("door", "cars", UtcTime{5s})};
  REQUIRE(f.log->append(readings));
  const auto pruned = f.log->prune({24h});
  REQUIRE(pruned);
  CHECK(pruned->delivered == 0);
  CHECK(f.seqs().size() == 1);
}

TEST_CASE("beyond its bytes the journal forgets delivered readings, oldest first") {
  Fixture f;
  f.append(3000);
  REQUIRE(f.log->add_cursor("hub", journal::Start::oldest));
  REQUIRE(f.log->advance("hub", 1000));
  const std::uint64_t before = *f.log->content_bytes();
  const auto pruned = f.log->prune({{}, before - 100'000});
  REQUIRE(pruned);
  CHECK(pruned->lost == 0);
  CHECK(pruned->delivered > 100);
  CHECK(pruned->delivered < 600);
  CHECK(f.seqs().front() == pruned->delivered + 1);
  CHECK(*f.log->content_bytes() <= before - 100'000);
  // The soft limit alone never takes what was not delivered.
  journal::Pruned all;
  do {
    const auto more = f.log->prune({{}, 0});
    REQUIRE(more);
    all += *more;
  } while (all.more);
  CHECK(all.lost == 0);
  CHECK(f.seqs().front() == 1001);
}

TEST_CASE("the hard limit takes undelivered readings too, and says how many were lost") {
  Fixture f;
  f.append(3000);
  REQUIRE(f.log->add_cursor("hub", journal::Start::oldest));
  REQUIRE(f.log->advance("hub", 500));
  journal::Pruned all;
  do {
    const auto more = f.log->prune({{}, 1'000'000'000, *f.log->content_bytes() / 2}, 400);
    REQUIRE(more);
    all += *more;
    if (all.delivered + all.lost > 1500) break;
  } while (all.more);
  CHECK(all.delivered == 500);
  CHECK(all.lost > 0);
  CHECK(f.seqs().front() == all.delivered + all.lost + 1);
  CHECK(f.log->cursor("hub") == 500);
}

TEST_CASE("space that is released really returns to the disk") {
  Fixture f;
  f.append(5000);
  REQUIRE(f.log->compact());
  const auto size = [&] { return std::filesystem::file_size(f.path()); };
  const auto before = size();
  REQUIRE(f.log->release(before / 2, false, 10'000));
  CHECK(size() < before * 6 / 10);
  CHECK(*f.log->disk_bytes() == size());
}

TEST_CASE("releasing takes delivered readings only, unless told that the others may go") {
  Fixture f;
  f.append(100);
  REQUIRE(f.log->add_cursor("hub", journal::Start::oldest));
  CHECK(f.log->release(1'000'000, false)->lost == 0);
  CHECK(f.seqs().size() == 100);
  CHECK(f.log->release(1'000'000, true)->lost == 100);
}

TEST_CASE("the reserve is there for the day the disk is full") {
  Fixture f;
  f.options.reserve_bytes = 100'000;
  f.open();
  const std::string reserve = f.path().string() + "-reserve";
  CHECK(std::filesystem::file_size(reserve) == 100'000);
  std::filesystem::resize_file(reserve, 10);  // the power was cut while it was made
  REQUIRE(f.log->prune({}));
  CHECK(std::filesystem::file_size(reserve) == 100'000);
  std::filesystem::remove(reserve);
  REQUIRE(f.log->release(1'000'000, true));
  CHECK(std::filesystem::file_size(reserve) == 100'000);
}

TEST_CASE("a damaged file is set aside, kept, and a fresh journal begun") {
  Fixture f;
  f.append(50);
  const std::string id = f.log->id();
  f.log.reset();
  {
    std::fstream file(f.path(), std::ios::in | std::ios::out | std::ios::binary);
    file << "this was a journal";
  }
  f.open();
  const journal::Opened& opened = f.log->opened();
  CHECK(opened.fresh);
  CHECK_FALSE(opened.damage.empty());
  CHECK(opened.set_aside.filename().string().starts_with("journal.db.damaged-20261121T0000"));
  CHECK(std::filesystem::file_size(opened.set_aside) > 10'000);
  CHECK(f.log->id() != id);
  CHECK(f.append(1) == 1);
}

TEST_CASE("damage inside the file is an error that says so, never a crash") {
  Fixture f;
  f.append(500);
  f.log.reset();
  {
    std::fstream file(f.path(), std::ios::in | std::ios::out | std::ios::binary);
    const std::string noise(4096, '\x7B');
    for (int page = 2; page < 40; page += 2) {
      file.seekp(page * 4096);
      file << noise;
    }
  }
  auto opened = Journal::open(f.path(), f.clock, f.options);
  REQUIRE(opened);
  if ((*opened)->opened().set_aside.empty()) {
    Result<journal::Batch> batch;
    for (Seq after = 0; batch && after < (*opened)->last(); after = batch ? batch->last : 0)
      batch = (*opened)->read(after, 100);
    REQUIRE_FALSE(batch);
    CHECK(batch.error().code == Errc::invalid);
    CHECK((*opened)->damaged());
  }
}

TEST_CASE("a database that is no journal is left alone") {
  Fixture f;
  f.log.reset();
  std::filesystem::remove(f.path());
  {
    std::ofstream(f.path(), std::ios::binary);
  }
  f.open();  // an empty file is a journal that was never begun
  f.append(1);
  CHECK(f.log->opened().fresh);
}

TEST_CASE("a folder that is not there is an error that names it") {
  const ManualClock clock;
  const auto opened = Journal::open("/nonexistent/journal.db", clock);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::not_found);
  CHECK(opened.error().message().find("/nonexistent/journal.db") != std::string::npos);
}
