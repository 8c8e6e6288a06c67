#include "edge/delivery.hpp"

#include <functional>
#include <stdexcept>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "support/program.hpp"
#include "support/readings.hpp"
#include "support/run_coroutine.hpp"

using namespace perch;
using namespace perch::edge;
using namespace std::chrono_literals;

namespace {

/// What a far end has stored, and what it is told to do.
struct FarEnd {
  std::vector<Seq> stored;
  int failures = 0;            ///< so many deliveries fail first
  int throws = 0;              ///< so many throw before that
  std::size_t at_once = 1000;  ///< it stores no more of a delivery
  int asked = 0;
};

class FakeSink final : public Sink {
 public:
  explicit FakeSink(std::shared_ptr<FarEnd> end) : end_(std::move(end)) {}

  asio::awaitable<Result<Seq>> deliver(std::span<const Reading> readings) override {
    ++end_->asked;
    if (end_->throws > 0) {
      --end_->throws;
      throw std::length_error("too long");
    }
    if (end_->failures > 0) {
      --end_->failures;
      co_return fail(Errc::io, "the far end is away");
    }
    Seq last = 0;
    for (const Reading& reading : readings.first(std::min(readings.size(), end_->at_once))) {
      end_->stored.push_back(reading.seq);
      last = reading.seq;
    }
    co_return last;
  }

 private:
  std::shared_ptr<FarEnd> end_;
};

struct Fixture {
  test::TempFolder folder;
  SystemClock clock;
  asio::io_context io;
  log::EventLog events{clock};
  std::unique_ptr<journal::Service> journal;
  std::shared_ptr<FarEnd> end = std::make_shared<FarEnd>();
  std::shared_ptr<Delivery> delivery;

  Fixture() {
    log::set_level(log::Level::error);
    auto started = journal::Service::start(folder / "journal.db", clock, {});
    REQUIRE(started);
    journal = std::move(*started);
    begin();
  }

  ~Fixture() { end_delivery(); }

  void begin() {
    delivery =
        std::make_shared<Delivery>("far", std::make_unique<FakeSink>(end), io.get_executor(), *journal, events, clock);
    delivery->start();
  }

  void end_delivery() {
    delivery->stop();
    io.restart();
    io.run();
  }

  void append(int count) {
    std::vector<Reading> readings;
    for (int i = 0; i < count; ++i) readings.push_back(test::reading("yard", "cars", clock.now(), i));
    REQUIRE(test::run_coroutine(io, journal->append(std::move(readings))));
  }

  /// Runs until something holds; a test that waits for what never comes ends after a minute.
  void run_until(const std::function<bool()>& holds) {
    const auto limit = std::chrono::steady_clock::now() + 1min;
    io.restart();
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < limit);
      io.run_one_for(100ms);
    }
  }

  Seq cursor() {
    const auto seq = test::run_coroutine(io, journal->cursor("far"));
    return seq.value_or(0);
  }
};

}  // namespace

TEST_CASE("a sink gets every reading in order, and its cursor follows") {
  Fixture f;
  f.append(3);
  f.run_until([&] { return f.delivery->delivered() == 3; });
  f.append(2);
  f.run_until([&] { return f.delivery->delivered() == 5; });
  CHECK(f.end->stored == std::vector<Seq>{1, 2, 3, 4, 5});
  CHECK(f.cursor() == 5);
}

TEST_CASE("a failed delivery is tried again from the first reading that is not stored") {
  Fixture f;
  f.end->failures = 1;
  f.append(2);
  f.run_until([&] { return !f.delivery->trouble().empty(); });
  CHECK(f.delivery->trouble() == "the far end is away");
  CHECK(f.cursor() == 0);
  f.run_until([&] { return f.delivery->delivered() == 2; });
  CHECK(f.end->stored == std::vector<Seq>{1, 2});
  f.run_until([&] { return f.delivery->trouble().empty(); });
}

TEST_CASE("what a sink's library throws is its trouble, and the delivery is tried again") {
  Fixture f;
  f.end->throws = 1;
  f.append(2);
  f.run_until([&] { return !f.delivery->trouble().empty(); });
  CHECK(f.delivery->trouble() == "far: too long");
  f.run_until([&] { return f.delivery->delivered() == 2; });
  CHECK(f.end->stored == std::vector<Seq>{1, 2});
}

TEST_CASE("a far end that stores a part gets the rest next") {
  Fixture f;
  f.end->at_once = 2;
  f.append(5);
  f.run_until([&] { return f.delivery->delivered() == 5; });
  CHECK(f.end->stored == std::vector<Seq>{1, 2, 3, 4, 5});
}

TEST_CASE("a far end that stores nothing without an error is not asked in a tight loop") {
  Fixture f;
  f.end->at_once = 0;
  f.append(1);
  f.run_until([&] { return !f.delivery->trouble().empty(); });
  CHECK(f.end->asked == 1);
}

TEST_CASE("a delivery that begins again goes on where its cursor stands") {
  Fixture f;
  f.append(2);
  f.run_until([&] { return f.delivery->delivered() == 2; });
  f.end_delivery();
  f.append(1);
  f.begin();
  f.run_until([&] { return f.delivery->delivered() == 3; });
  CHECK(f.end->stored == std::vector<Seq>{1, 2, 3});
}
