#include "sink/file/reading_file.hpp"

#include <optional>
#include <set>

#include <doctest/doctest.h>

#include "base/log.hpp"
#include "journal/reading_json.hpp"
#include "sink/file/rotated.hpp"
#include "support/full_disk.hpp"
#include "support/program.hpp"
#include "support/readings.hpp"

using namespace perch;
using namespace std::chrono_literals;
using sink::file::list_rotated;
using sink::file::ReadingFile;
using sink::file::Rotation;

namespace {

namespace fs = std::filesystem;

constexpr UtcTime kStart{1'800'000'000'000ms};  // 2027-01-15T08:00:00Z

/// Readings of one journal with the seqs from `first` on.
std::vector<Reading> readings(Seq first, int count, const std::string& journal = "journal-a") {
  std::vector<Reading> made;
  for (int i = 0; i < count; ++i) {
    const Seq seq = first + static_cast<Seq>(i);
    made.push_back(test::reading("door", "cars", kStart + seq * 1s, static_cast<std::int64_t>(seq)));
    made.back().journal = journal;
    made.back().seq = seq;
    made.back().id = fmt::format("{}-{:06}", journal, seq);
  }
  return made;
}

std::string lines(const std::vector<Reading>& all) {
  std::string text;
  for (const Reading& reading : all) text += journal::to_json(reading) + '\n';
  return text;
}

std::string content(const fs::path& path) {
  return std::string(as_text(read_file(path).value()));
}

struct Fixture {
  Fixture() { log::set_level(log::Level::warning); }  // it says each time what it has mended

  test::TempFolder folder;
  ManualClock clock{kStart};
  fs::path path = folder / "readings.jsonl";

  ReadingFile file(const Rotation& rotation = {}) const { return {path, rotation, clock}; }

  /// A program starts, appends, and ends.
  Result<void> append(const std::vector<Reading>& some, const Rotation& rotation = {}) {
    return file(rotation).append(some);
  }

  /// Everything in every file, the oldest first.
  std::string all() const {
    std::string text;
    for (const fs::path& rotated : list_rotated(path)) text += content(rotated);
    return text + (fs::exists(path) ? content(path) : "");
  }
};

}  // namespace

TEST_CASE("readings are appended as lines, by one program after another") {
  Fixture f;
  {
    ReadingFile file = f.file();
    REQUIRE(file.append(readings(1, 2)));
    REQUIRE(file.append(readings(3, 1)));
    REQUIRE(file.append({}));
  }
  REQUIRE(f.append(readings(4, 2)));
  CHECK(content(f.path) == lines(readings(1, 5)));
}

TEST_CASE("readings that are there already are not written again, after a crash or without one") {
  Fixture f;
  {
    ReadingFile file = f.file();
    REQUIRE(file.append(readings(1, 5)));
    REQUIRE(file.append(readings(3, 4)));
  }
  REQUIRE(f.append(readings(1, 8)));
  CHECK(content(f.path) == lines(readings(1, 8)));
}

TEST_CASE("seqs of another journal are other readings, also when both are delivered again") {
  Fixture f;
  const std::vector<Reading> old = readings(8, 3, "journal-a"), fresh = readings(1, 4, "journal-b");
  REQUIRE(f.append(old));
  REQUIRE(f.append(fresh));
  REQUIRE(f.append(old));
  REQUIRE(f.append(fresh));
  CHECK(content(f.path) == lines(old) + lines(fresh));
}

TEST_CASE("wherever a write is torn, each reading is there exactly once afterwards") {
  Fixture f;
  const std::string before = lines(readings(1, 2)), batch = lines(readings(3, 3));
  std::set<std::size_t> cuts{0, batch.size()};
  for (std::size_t newline = batch.find('\n'); newline < batch.size(); newline = batch.find('\n', newline + 1))
    cuts.insert({newline, newline + 1});
  for (std::size_t cut = 1; cut < batch.size(); cut += 31) cuts.insert(cut);
  for (const std::size_t cut : cuts) {
    const std::string zeros(batch.size() - cut, '\0');
    for (const std::string& left :
         {batch.substr(0, cut), batch.substr(0, cut) + zeros, zeros + batch.substr(zeros.size())}) {
      test::write_test_file(f.path, before + left);
      REQUIRE(f.append(readings(3, 3)));
      REQUIRE(content(f.path) == before + batch);
    }
  }
}

TEST_CASE("a file that holds nothing but a torn line begins anew") {
  Fixture f;
  const std::string one = lines(readings(1, 1));
  for (const std::string& torn : {std::string("{"), std::string("{\"id\":\"jour"), one.substr(0, one.size() - 1),
                                  std::string(5000, '\0'), std::string()}) {
    test::write_test_file(f.path, torn);
    REQUIRE(f.append(readings(1, 2)));
    CHECK(content(f.path) == lines(readings(1, 2)));
  }
}

TEST_CASE("a file that holds something else is left alone") {
  Fixture f;
  for (const std::string& other :
       {std::string("root:x:0:0\n"), std::string("no line"), std::string("\n\nx\n{\"id\":\""),
        std::string(9'000'000, 'x'), "\n" + std::string(9'000'000, 'x') + "\n"}) {
    test::write_test_file(f.path, other);
    const auto done = f.append(readings(1, 1));
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::mismatch);
    CHECK_FALSE(done.error().remedy.empty());
    CHECK(content(f.path) == other);
  }
}

TEST_CASE("lines of others among the readings stay where they are") {
  Fixture f;
  const std::string edited = lines(readings(1, 2)) + "\n# somebody was here\n";
  test::write_test_file(f.path, edited);
  REQUIRE(f.append(readings(1, 3)));
  CHECK(content(f.path) == edited + lines(readings(3, 1)));
}

TEST_CASE("the end of a long file tells what is there already") {
  Fixture f;
  const auto long_readings = [](Seq first, int count) {
    std::vector<Reading> made = readings(first, count);
    for (Reading& reading : made) reading.device = std::string(5000, 'd');
    return made;
  };
  REQUIRE(f.append(long_readings(1, 2'000)));
  REQUIRE(fs::file_size(f.path) > sink::file::kTailBytes);
  const auto before = fs::file_size(f.path);
  REQUIRE(f.append(long_readings(1'900, 101)));
  CHECK(fs::file_size(f.path) == before);
  REQUIRE(f.append(long_readings(1'999, 3)));
  CHECK(fs::file_size(f.path) == before + lines(long_readings(2'001, 1)).size());
}

TEST_CASE("a file grows no larger than it may; rotated ones sort by their time, and only the newest are kept") {
  Fixture f;
  const std::size_t line = lines(readings(100, 1)).size();
  {
    ReadingFile file = f.file({3 * line, 0ms, 0});
    for (Seq seq = 100; seq < 120; seq += 4) {
      REQUIRE(file.append(readings(seq, 4)));
      f.clock.advance(1min);
    }
  }
  CHECK(f.all() == lines(readings(100, 20)));
  const std::vector<fs::path> rotated = list_rotated(f.path);
  REQUIRE(rotated.size() == 6);
  CHECK(rotated[0].filename() == "readings-20270115T080000.000Z.jsonl");
  CHECK(rotated[1].filename() == "readings-20270115T080100.000Z.jsonl");
  for (const fs::path& path : rotated) CHECK(fs::file_size(path) == 3 * line);

  REQUIRE(f.append(readings(120, 2), {3 * line, 0ms, 2}));
  CHECK(list_rotated(f.path).size() == 2);
  CHECK(f.all() == lines(readings(115, 7)));
}

TEST_CASE("a reading longer than a file may be has a file of its own") {
  Fixture f;
  REQUIRE(f.append(readings(1, 3), {10, 0ms, 0}));
  CHECK(list_rotated(f.path).size() == 2);
  CHECK(f.all() == lines(readings(1, 3)));
}

TEST_CASE("a new file begins with each period, whether the program ran on or not") {
  Fixture f;
  const Rotation hourly{0, 1h, 0};
  {
    ReadingFile file = f.file(hourly);
    REQUIRE(file.append(readings(1, 1)));
    f.clock.advance(59min);
    REQUIRE(file.append(readings(2, 1)));
    CHECK(list_rotated(f.path).empty());
    f.clock.advance(1min);
    REQUIRE(file.append(readings(3, 1)));
    CHECK(list_rotated(f.path).size() == 1);
    CHECK(content(f.path) == lines(readings(3, 1)));
  }
  f.clock.set_wall(kStart + 3h);
  REQUIRE(f.append(readings(4, 1), hourly));
  CHECK(list_rotated(f.path).size() == 2);
  CHECK(f.all() == lines(readings(1, 4)));
}

TEST_CASE("rotated names keep the order of the readings when the clock is set back, or stands") {
  Fixture f;
  const Rotation each{1, 0ms, 0};
  REQUIRE(f.append(readings(1, 3), each));
  f.clock.set_wall(UtcTime{0ms});
  REQUIRE(f.append(readings(4, 3), each));
  CHECK(list_rotated(f.path).size() == 5);
  CHECK(f.all() == lines(readings(1, 6)));
}

TEST_CASE("a crash while rotating neither loses nor doubles a reading") {
  Fixture f;
  REQUIRE(f.append(readings(1, 4)));
  fs::rename(f.path, sink::file::next_rotated(f.path, f.clock.now()));
  SUBCASE("before the new file was made") {}
  SUBCASE("after it was made") {
    test::write_test_file(f.path, "");
  }
  SUBCASE("within its first line") {
    test::write_test_file(f.path, lines(readings(5, 1)).substr(0, 20));
  }
  REQUIRE(f.append(readings(3, 4)));
  CHECK(content(f.path) == lines(readings(5, 2)));
  CHECK(f.all() == lines(readings(1, 6)));
}

TEST_CASE("files whose names only look alike are no predecessors, and are never removed") {
  Fixture f;
  const std::vector<std::string> others{"readings-cars.jsonl", "readings-20270115T080000.000Z.jsonl.gz",
                                        "readings-2027011xT080000.000Z.jsonl", "readings-.jsonl"};
  for (const std::string& name : others) test::write_test_file(f.folder / name, lines(readings(1, 50)));
  REQUIRE(f.append(readings(1, 5), {1, 0ms, 1}));
  CHECK(f.all() == lines(readings(4, 2)));
  for (const std::string& name : others) CHECK(fs::exists(f.folder / name));
}

TEST_CASE("a file that others rotate, remove or empty is begun anew, without a reading twice") {
  Fixture f;
  std::optional<ReadingFile> file(f.file());
  REQUIRE(file->append(readings(1, 3)));
  SUBCASE("rotated by logrotate") {
    fs::rename(f.path, f.path.string() + ".1");
    SUBCASE("while the program runs") {}
    SUBCASE("before it starts again") {
      file.reset();
      file.emplace(f.path, Rotation{}, f.clock);
    }
  }
  SUBCASE("removed") {
    fs::remove(f.path);
  }
  SUBCASE("emptied") {
    fs::resize_file(f.path, 0);
  }
  REQUIRE(file->append(readings(2, 4)));
  CHECK(content(f.path) == lines(readings(4, 2)));
}

TEST_CASE("a full disk is an error with a remedy, leaves no half line, and loses nothing once there is room") {
  Fixture f;
  ReadingFile file = f.file();
  REQUIRE(file.append(readings(1, 2)));
  const std::string before = content(f.path);
  for (const std::size_t room : {std::size_t{0}, std::size_t{1}, std::size_t{100}, lines(readings(3, 1)).size() + 7}) {
    const test::FullDisk full(before.size() + room);
    const auto done = file.append(readings(3, 3));
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::full);
    CHECK_FALSE(done.error().remedy.empty());
    CHECK(content(f.path) == before);
  }
  REQUIRE(file.append(readings(3, 3)));
  CHECK(content(f.path) == lines(readings(1, 5)));
}

TEST_CASE("of readings that span a rotation those before a full disk stay, and are not written again") {
  Fixture f;
  const std::size_t line = lines(readings(1, 1)).size();
  ReadingFile file = f.file({2 * line, 0ms, 0});
  std::vector<Reading> some = readings(1, 3);
  some[2].camera = std::string(2 * line, 'x');
  {
    const test::FullDisk full(2 * line);
    CHECK_FALSE(file.append(some));
    CHECK(f.all() == lines({some[0], some[1]}));
  }
  REQUIRE(file.append(some));
  CHECK(f.all() == lines(some));
}

TEST_CASE("a folder that is lost is an error with a remedy, and its return is noticed") {
  Fixture f;
  f.path = f.folder / "disk" / "readings.jsonl";
  ReadingFile file = f.file();
  const auto lost = file.append(readings(1, 1));
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Errc::not_found);
  CHECK(lost.error().where == f.path.string());
  CHECK(lost.error().remedy.find("folder") != std::string::npos);
  fs::create_directory(f.folder / "disk");
  REQUIRE(file.append(readings(1, 1)));
  fs::remove_all(f.folder / "disk");
  CHECK_FALSE(file.append(readings(2, 1)));
  fs::create_directory(f.folder / "disk");
  REQUIRE(file.append(readings(2, 1)));
  CHECK(content(f.path) == lines(readings(2, 1)));
}

TEST_CASE("what cannot be written to is named with its reason") {
  Fixture f;
  const auto error_at = [&](const fs::path& path) {
    const auto done = ReadingFile(path, {}, f.clock).append(readings(1, 1));
    REQUIRE_FALSE(done);
    return done.error();
  };
  CHECK(error_at("/sys/readings.jsonl").code == Errc::denied);
  CHECK(error_at(f.folder.path()).code == Errc::invalid);
  CHECK(error_at("/dev/full").code == Errc::invalid);
  test::write_test_file(f.folder / "file", "x");
  CHECK(error_at(f.folder / "file" / "readings.jsonl").code == Errc::not_found);
}

TEST_CASE("a second sink on the same file is refused while the first one has it") {
  Fixture f;
  std::optional<ReadingFile> first(f.file());
  REQUIRE(first->append(readings(1, 1)));
  ReadingFile second = f.file();
  const auto refused = second.append(readings(2, 1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::exists);
  CHECK_FALSE(refused.error().remedy.empty());
  first.reset();
  REQUIRE(second.append(readings(2, 1)));
  CHECK(content(f.path) == lines(readings(1, 2)));
}
