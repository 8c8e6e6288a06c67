#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "journal/reading_json.hpp"
#include "seam/sink.hpp"
#include "support/component.hpp"
#include "support/program.hpp"
#include "support/readings.hpp"
#include "support/run_coroutine.hpp"

using namespace perch;
using namespace std::chrono_literals;

namespace {

std::vector<Reading> readings(Seq first, int count) {
  std::vector<Reading> made;
  for (int i = 0; i < count; ++i) {
    made.push_back(test::reading("door", "cars", UtcTime{1'800'000'000'000ms}));
    made.back().journal = "journal";
    made.back().seq = first + static_cast<Seq>(i);
    made.back().id = fmt::format("id-{}", made.back().seq);
  }
  return made;
}

/// A folder with a configuration, and the threads of a daemon.
struct Rig {
  test::TempFolder folder;
  ManualClock clock;
  asio::io_context io{1};
  asio::thread_pool blocking{1};
  std::unique_ptr<Sink> sink;

  Result<void> make(std::string_view more) {
    const SinkContext context{"file", io.get_executor(), blocking.get_executor(), &clock, folder.path()};
    PERCH_TRY(sink, test::all_components().make_sink(test::component(fmt::format("kind = 'file'\n{}", more)), context));
    return {};
  }

  Result<Seq> deliver(const std::vector<Reading>& some) { return test::run_coroutine(io, sink->deliver(some)); }

  std::string content(const std::filesystem::path& name) const {
    const auto bytes = read_file(folder / name);
    return bytes ? std::string(as_text(*bytes)) : std::string();
  }
};

}  // namespace

TEST_CASE("what was delivered is in the file beside the configuration, line by line, and its last seq is returned") {
  Rig rig;
  REQUIRE(rig.make("path = 'out.jsonl'"));
  const std::vector<Reading> some = readings(7, 3);
  CHECK(rig.deliver(some).value() == 9);
  std::string lines;
  for (const Reading& reading : some) lines += journal::to_json(reading) + '\n';
  CHECK(rig.content("out.jsonl") == lines);

  REQUIRE(rig.make("path = 'out.jsonl'"));
  CHECK(rig.deliver(some).value() == 9);
  CHECK(rig.content("out.jsonl") == lines);
  CHECK(rig.deliver({}).value() == 0);
}

TEST_CASE("rotation is configured by size, period and number") {
  Rig rig;
  REQUIRE(rig.make("path = 'out.jsonl'\nrotate_bytes = '500B'\nrotate_every = '1d'\nkeep = 1"));
  for (Seq seq = 1; seq < 6; ++seq) REQUIRE(rig.deliver(readings(seq, 1)));
  rig.clock.advance(24h);
  REQUIRE(rig.deliver(readings(6, 1)));
  CHECK(std::distance(std::filesystem::directory_iterator(rig.folder.path()), {}) == 2);

  CHECK_FALSE(rig.make(""));
  CHECK_FALSE(rig.make("path = 'x'\nkeep = -1"));
}

TEST_CASE("a file that cannot be written is an error, and the readings come when it can") {
  Rig rig;
  REQUIRE(rig.make("path = 'usb/out.jsonl'"));
  const auto lost = rig.deliver(readings(1, 2));
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Errc::not_found);
  std::filesystem::create_directory(rig.folder / "usb");
  CHECK(rig.deliver(readings(1, 2)).value() == 2);
}
