#pragma once
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace perch::test {

/// The folder with real pictures, models and recordings: `PERCH_TEST_DATA`, or `../shared/data` beside the project.
inline std::filesystem::path real_data() {
  if (const char* set = std::getenv("PERCH_TEST_DATA")) return set;
  return std::filesystem::path(PERCH_SOURCE_DIR) / ".." / "shared" / "data";
}

/// Whether a file of the real data is there; says that the test is skipped when it is not.
inline bool have_real_data(const std::string& relative) {
  if (std::filesystem::exists(real_data() / relative)) return true;
  std::printf("[skipped] needs %s: set PERCH_TEST_DATA to the folder with the real data\n", relative.c_str());
  return false;
}

}  // namespace perch::test

/// Leaves a test of a `*_real_test.cpp` file when its data is absent; CTest then counts the file as skipped.
#define PERCH_NEEDS_REAL_DATA(relative) \
  if (!::perch::test::have_real_data(relative)) return
