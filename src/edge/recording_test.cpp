#include "edge/recording.hpp"

#include <functional>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include "support/crash_vfs.hpp"
#include "support/program.hpp"
#include "support/run_coroutine.hpp"

using namespace perch;
using namespace perch::edge;
using namespace std::chrono_literals;

namespace {

Reading with_value(std::int64_t value) {
  Reading reading;
  reading.observation.values = {{"n", value}};
  return reading;
}

/// A journal, a picture store and the recording between them, on a clock that stands still.
struct Fixture {
  test::TempFolder folder;
  ManualClock clock;
  asio::io_context io;
  asio::thread_pool blocking{1};
  log::EventLog events{clock};
  std::unique_ptr<journal::Service> journal;
  std::shared_ptr<pictures::Store> pictures;
  std::unique_ptr<Recording> recording;
  std::vector<Reading> committed;
  std::vector<Nanoseconds> took;
  std::function<void()> told;  ///< called when readings are committed
  bool disk_full = false;      ///< for pictures

  explicit Fixture(journal::ServiceOptions options_of_journal = {}) {
    log::set_level(log::Level::error);
    const bool in_memory = !options_of_journal.journal.vfs.empty();
    const std::filesystem::path path = in_memory ? "/journal.db" : folder / "journal.db";
    auto started = journal::Service::start(path, clock, std::move(options_of_journal));
    REQUIRE(started);
    journal = std::move(*started);
    pictures::StoreOptions options;
    options.write = [this](const std::filesystem::path& path, ByteView bytes) -> Result<void> {
      if (disk_full) return fail(Errc::full, "no space left", path.string());
      return write_file(path, bytes);
    };
    auto store = pictures::Store::open(folder / "pictures", options, clock);
    REQUIRE(store);
    pictures = std::move(*store);
    RecordingContext context;
    context.device = "box";
    context.io = io.get_executor();
    context.blocking = blocking.get_executor();
    context.clock = &clock;
    context.journal = journal.get();
    context.pictures = pictures;
    context.events = &events;
    context.committed = [this](std::span<const Reading> readings, std::span<const Nanoseconds> times) {
      committed.insert(committed.end(), readings.begin(), readings.end());
      took.insert(took.end(), times.begin(), times.end());
      if (told) told();
    };
    recording = std::make_unique<Recording>(std::move(context));
    recording->set_config(7);
  }

  /// Lets the recording write all it has, and end.
  void finish() {
    recording->stop();
    asio::co_spawn(io, recording->run(), asio::detached);
    io.restart();
    io.run();
  }

  std::vector<std::string> lines() {
    journal::Query query;
    query.order = journal::Order::oldest_first;
    const auto page = test::run_coroutine(io, journal->query(query));
    REQUIRE(page);
    return page->lines;
  }
};

CameraInfo camera(pipeline::RecordPolicy::Kind kind, bool keep_picture = false) {
  TaskInfo task{"cars",      "yolox-nano@695e750a", {"car"}, {{"n", "", OutputKind::gauge, 0}},
                {kind, 0ns}, keep_picture,          {}};
  return {CameraId{"yard"}, "http", 1s, {task}};
}

pipeline::Looked looked(const Clock& clock, std::int64_t value, Status status = Status::ok) {
  Frame frame;
  frame.camera = CameraId{"yard"};
  frame.stamp = clock.stamp();
  Bytes jpeg{0xff, 0xd8, 0xff, static_cast<std::uint8_t>(value)};
  frame.payload = Jpeg{SharedBytes(std::move(jpeg))};
  pipeline::Looked looked;
  looked.frame = std::make_shared<const Frame>(std::move(frame));
  Observation observation = with_value(value).observation;
  observation.stamp = looked.frame->stamp;
  observation.status = status;
  looked.answers.push_back({0, std::move(observation)});
  return looked;
}

}  // namespace

TEST_CASE("observations become readings by their task's policy, with everything a reading says") {
  Fixture f;
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::change);
  f.recording->begin(yard);
  for (const std::int64_t value : {3, 3, 0}) {
    f.recording->looked(yard, looked(f.clock, value));
    f.clock.advance(1s);
  }
  f.finish();
  REQUIRE(f.committed.size() == 2);
  const Reading& first = f.committed[0];
  CHECK(first.device == "box");
  CHECK(first.camera == "yard");
  CHECK(first.task == "cars");
  CHECK(first.model == "yolox-nano@695e750a");
  CHECK(first.labels == std::vector<std::string>{"car"});
  CHECK(first.config == 7);
  CHECK(first.seq == 1);
  CHECK(first.id.size() == 26);
  CHECK(std::get<std::int64_t>(f.committed[1].observation.values[0].value) == 0);
  CHECK(f.took == std::vector<Nanoseconds>{3s, 1s});
  CHECK(f.lines().size() == 2);
}

TEST_CASE("a camera that begins anew records its first observation again") {
  Fixture f;
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::change);
  for (int i = 0; i < 2; ++i) {
    f.recording->begin(yard);
    f.recording->looked(yard, looked(f.clock, 3));
  }
  f.recording->end(yard.id);
  f.recording->looked(yard, looked(f.clock, 4));  // came too late
  f.finish();
  CHECK(f.committed.size() == 2);
}

TEST_CASE("a kept picture is on the disk before the reading that refers to it") {
  Fixture f;
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::every, true);
  f.recording->begin(yard);
  f.recording->looked(yard, looked(f.clock, 5));
  f.finish();
  REQUIRE(f.committed.size() == 1);
  const auto sha = pictures::Sha::parse(f.committed[0].picture);
  REQUIRE(sha);
  const auto bytes = f.pictures->read(*sha);
  REQUIRE(bytes);
  CHECK(*bytes == Bytes{0xff, 0xd8, 0xff, 5});
}

TEST_CASE("a picture that the disk does not take costs the picture, not the reading") {
  Fixture f;
  f.disk_full = true;
  log::set_level(log::Level::error);
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::every, true);
  f.recording->begin(yard);
  f.recording->looked(yard, looked(f.clock, 5));
  f.finish();
  REQUIRE(f.committed.size() == 1);
  CHECK(f.committed[0].picture.empty());
}

TEST_CASE("whoever is told of committed readings may throw: they are written once") {
  Fixture f;
  f.told = [] { throw std::length_error("too long"); };
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::every);
  f.recording->begin(yard);
  f.recording->looked(yard, looked(f.clock, 5));
  f.finish();
  CHECK(f.lines().size() == 1);
  CHECK(f.recording->waiting() == 0);
}

TEST_CASE("every change of health is a reading, and so is what happens to the device") {
  Fixture f;
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::change);
  f.recording->health(yard, {pipeline::Health::gone, "connection refused", 0ns, true});
  f.recording->note("journal", {{"event", std::string("damaged")}}, "set aside");
  f.finish();
  REQUIRE(f.committed.size() == 2);
  CHECK(f.committed[0].task == "health");
  CHECK(std::get<std::string>(f.committed[0].observation.values[0].value) == "gone");
  CHECK(f.committed[0].observation.reason == "connection refused");
  CHECK(f.committed[1].camera == "perch");
  CHECK(f.committed[1].observation.reason == "set aside");
}

TEST_CASE("when the journal takes nothing the oldest readings go, and a reading says how many") {
  Fixture f;
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::every);
  f.recording->begin(yard);
  const std::size_t more = 5;
  for (std::size_t i = 0; i < Recording::kMostWaiting + more; ++i)
    f.recording->looked(yard, looked(f.clock, static_cast<std::int64_t>(i)));
  CHECK(f.recording->waiting() == Recording::kMostWaiting);
  CHECK(f.recording->dropped() == more);
  f.finish();
  REQUIRE(f.committed.size() == Recording::kMostWaiting + 1);
  CHECK(std::get<std::int64_t>(f.committed[0].observation.values[0].value) == more);
  const auto lost = std::ranges::find(f.committed, "perch", &Reading::camera);
  REQUIRE(lost != f.committed.end());
  CHECK(std::get<std::int64_t>(lost->observation.values[0].value) == more);
}

TEST_CASE(
    "pictures that wait take no more than their bound: the oldest go, their readings stay, and a reading counts") {
  Fixture f;
  CameraInfo yard = camera(pipeline::RecordPolicy::Kind::every, true);
  yard.tasks.push_back(yard.tasks[0]);  // whose readings refer to the same pictures, which count once
  f.recording->begin(yard);
  constexpr std::size_t kBytes = 16'000'000;
  constexpr std::size_t kFit = Recording::kMostPictureBytes / kBytes;
  const SharedBytes jpeg(Bytes(kBytes, 0xff));
  std::vector<std::weak_ptr<const Frame>> frames;
  for (std::size_t i = 0; i < kFit + 2; ++i) {
    pipeline::Looked seen = looked(f.clock, static_cast<std::int64_t>(i));
    Frame frame = *seen.frame;
    frame.payload = Jpeg{jpeg};
    seen.frame = std::make_shared<const Frame>(std::move(frame));
    seen.answers.push_back({1, seen.answers[0].observation});
    f.recording->looked(yard, seen);
    frames.emplace_back(seen.frame);
    CHECK(f.recording->pictures_dropped() == (i < kFit ? 0 : i + 1 - kFit));
  }
  CHECK(std::ranges::count_if(frames, [](const auto& frame) { return frame.expired(); }) == 2);
  CHECK(f.recording->dropped() == 0);
  f.finish();
  REQUIRE(f.committed.size() == 2 * (kFit + 2) + 1);
  for (std::size_t i = 0; i < 2 * (kFit + 2); ++i) CHECK(f.committed[i].picture.empty() == (i < 4));
  CHECK(f.committed.back().task == "pictures");
  CHECK(std::get<std::int64_t>(f.committed.back().observation.values[0].value) == 2);
}

TEST_CASE("while the journal cannot be written the recording says why, and what waits is written when it can") {
  test::CrashDisk disk;
  journal::ServiceOptions options;
  options.journal.vfs = disk.vfs();
  options.journal.reserve_bytes = 0;
  Fixture f(std::move(options));
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::every);
  f.recording->begin(yard);
  CHECK(f.recording->trouble().empty());
  disk.fail_from(1);
  f.recording->looked(yard, looked(f.clock, 1));
  asio::co_spawn(f.io, f.recording->run(), asio::detached);
  const auto limit = std::chrono::steady_clock::now() + 1min;
  while (f.recording->trouble().empty() && std::chrono::steady_clock::now() < limit) f.io.run_one_for(100ms);
  CHECK(f.recording->trouble().find("journal.db") != std::string::npos);
  CHECK(f.recording->waiting() == 1);
  disk.fail_from(0);
  f.recording->stop();
  f.io.run();
  CHECK(f.recording->trouble().empty());
  CHECK(f.committed.size() == 1);
}

TEST_CASE("a reading too large for the journal is left out, and the others are written") {
  Fixture f;
  log::set_level(log::Level::error);
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::every);
  f.recording->begin(yard);
  f.recording->looked(yard, looked(f.clock, 1));
  pipeline::Looked huge = looked(f.clock, 2);
  huge.answers[0].observation.reason.assign(2'000'000, 'x');
  f.recording->looked(yard, huge);
  f.recording->looked(yard, looked(f.clock, 3));
  f.finish();
  CHECK(f.committed.size() == 2);
}

TEST_CASE("what a stopped journal does not take is kept until it is known to be lost") {
  Fixture f;
  const CameraInfo yard = camera(pipeline::RecordPolicy::Kind::every);
  f.recording->begin(yard);
  f.recording->looked(yard, looked(f.clock, 1));
  f.journal->stop();
  f.finish();
  CHECK(f.committed.empty());
  CHECK(f.recording->waiting() == 1);
}
