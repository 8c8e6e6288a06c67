#include <cmath>
#include <cstring>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/picture_files.hpp"
#include "support/program.hpp"
#include "support/source_rig.hpp"

using namespace perch;
using perch::test::SourceRig;

namespace {

/// A recording of grids of 2 × 3.
std::string recording(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string settings(std::string_view path, std::string_view more = "") {
  return fmt::format("kind = 'thermal-file'\npath = '{}'\nrows = 2\ncols = 3\n{}", path, more);
}

const ThermalGrid& grid_of(const Frame& frame) {
  return std::get<ThermalGrid>(frame.payload);
}

}  // namespace

TEST_CASE("a recording is replayed grid by grid, nothing lost, and ends") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.raw", recording({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  test::write_test_file(folder / "b.raw", recording({21, 21, 21, 21, 21, 21}));
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings(".")));
  CHECK(rig.source->pace() == Pace::lossless);
  const auto first = rig.next();
  REQUIRE(first);
  CHECK(grid_of(*first).rows == 2);
  CHECK(grid_of(*first).cols == 3);
  CHECK(grid_of(*first).celsius == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(grid_of(rig.next().value()).celsius.back() == 12);
  CHECK(grid_of(rig.next().value()).celsius.front() == 21);
  CHECK(rig.next().error().code == Errc::eof);
  CHECK(rig.next().error().code == Errc::eof);
}

TEST_CASE("a loop begins again, and glitches are repaired and counted") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.raw", recording({20, 20, 20, 20, 0, NAN}));
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings("a.raw", "loop = true\nfps = 1000")));
  CHECK(rig.source->pace() == Pace::live);
  for (int i = 0; i < 3; ++i) {
    const auto frame = rig.next();
    REQUIRE(frame);
    CHECK(grid_of(*frame).celsius == std::vector<float>(6, 20));
    CHECK(grid_of(*frame).repaired == 2);
  }
}

TEST_CASE("a recording that ends within a grid says so once, and the next one follows") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.raw", recording({1, 2, 3, 4, 5, 6, 7}));
  test::write_test_file(folder / "b.raw", "");
  test::write_test_file(folder / "c.raw", recording({8, 8, 8, 8, 8, 8}));
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings(".")));
  REQUIRE(rig.next());
  const auto torn = rig.next();
  REQUIRE_FALSE(torn);
  CHECK(torn.error().code == Errc::invalid);
  CHECK(torn.error().what == "ends within grid 2: 4 of 24 bytes");
  CHECK(rig.next().error().what == "ends within grid 1: 0 of 24 bytes");
  CHECK(grid_of(rig.next().value()).celsius.front() == 8);
  CHECK(rig.next().error().code == Errc::eof);
}

TEST_CASE("links to themselves and to nothing are passed over, whatever they are called") {
  const test::TempFolder folder;
  std::filesystem::create_symlink("loop", folder / "loop");
  std::filesystem::create_symlink("loop.raw", folder / "loop.raw");
  std::filesystem::create_symlink("nothing.raw", folder / "gone.raw");
  test::write_test_file(folder / "z.raw", recording({1, 2, 3, 4, 5, 6}));
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings(".")));
  CHECK(rig.next());
  CHECK(rig.next().error().code == Errc::eof);
}

TEST_CASE("a path that is not there, and a folder without recordings, are errors in words") {
  const test::TempFolder folder;
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings("nowhere.raw")));
  CHECK(rig.next().error().code == Errc::not_found);
  REQUIRE(rig.make(settings(".")));
  CHECK(rig.next().error().what == "there is no recording (.raw) in it");
}
