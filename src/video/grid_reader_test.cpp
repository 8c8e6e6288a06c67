#include "video/grid_reader.hpp"

#include <array>

#include <doctest/doctest.h>

#include "support/program.hpp"

namespace perch::video {

namespace {

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace

TEST_CASE("grids are read one after the other, to the end") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.raw", bytes_of({1, 2, 3, 4, 5, 6.5F}));
  GridReader reader = GridReader::open(folder / "a.raw", {1, 3}).value();
  CHECK(reader.next().value() == std::vector{1.0F, 2.0F, 3.0F});
  CHECK(reader.next().value() == std::vector{4.0F, 5.0F, 6.5F});
  CHECK(reader.next().error().code == Errc::eof);
}

TEST_CASE("a torn or empty recording says where it ends and what to check") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.raw", bytes_of({1, 2, 3, 4}));
  GridReader reader = GridReader::open(folder / "a.raw", {1, 3}).value();
  CHECK(reader.next());
  const Error torn = reader.next().error();
  CHECK(torn.code == Errc::invalid);
  CHECK(torn.what == "ends within grid 2: 4 of 12 bytes");
  test::write_test_file(folder / "empty.raw", "");
  CHECK(GridReader::open(folder / "empty.raw", {1, 3}).value().next().error().code == Errc::invalid);
  CHECK_FALSE(GridReader::open(folder / "none.raw", {1, 3}));
}

}  // namespace perch::video
