#include "journal/service.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <new>
#include <set>
#include <stdexcept>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "support/service_rig.hpp"

using namespace perch;
using namespace std::chrono_literals;
using journal::Service;
using journal::ServiceOptions;
using test::ServiceRig;
using test::some;
using test::words;

TEST_CASE("what is appended comes back with ids and seqs, and can be read") {
  ServiceRig f;
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
  ServiceRig f;
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
  ServiceRig f;
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

TEST_CASE("what is thrown on the journal's thread is an error of who asked, and the journal goes on") {
  bool told = false;
  ServiceOptions options;
  options.on_event = [&](const journal::Event&) {
    told = true;
    throw std::runtime_error("nobody listens");
  };
  ServiceRig f(std::move(options));
  REQUIRE(words(f.await(f.service->append(some(3)))) == "");
  f.clock.asked = [] { throw std::bad_alloc(); };
  const auto thrown = f.await(f.service->append(some(2, 3)));
  REQUIRE_FALSE(thrown);
  CHECK(thrown.error().code == Errc::internal);
  CHECK(thrown.error().what == "no memory left");
  f.clock.asked = {};
  const auto written = f.await(f.service->append(some(2, 3)));
  REQUIRE(words(written) == "");
  CHECK(written->front().seq == 4);  // nothing of the failed transaction stayed
  const auto all = f.await(f.service->read(0, 10));
  REQUIRE(words(all) == "");
  CHECK(all->readings.size() == 5);
  // What listens to events must not end it either.
  REQUIRE(words(f.await(f.service->add_cursor("hub", journal::Start::oldest))) == "");
  journal::Retention nothing_stays;
  nothing_stays.hard_bytes = 0;
  CHECK(f.await(f.service->prune(nothing_stays))->lost == 5);
  CHECK(told);
  CHECK(words(f.await(f.service->append(some(1)))) == "");
}

TEST_CASE("a full queue makes those who append wait, and loses nothing") {
  ServiceOptions options;
  options.most_queued = 4;
  ServiceRig f(std::move(options));
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
  ServiceRig f;
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
  ServiceRig f;
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
  ServiceRig f;
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
  ServiceRig f;
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
  ServiceRig f;
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
  auto f = std::make_unique<ServiceRig>();
  const auto wait = [&]() -> asio::awaitable<void> {
    auto woken = co_await f->service->wait_beyond(1000);
    CHECK_FALSE(woken);
  };
  asio::co_spawn(f->io, wait(), asio::detached);
  f->io.poll();
  f.reset();
}
