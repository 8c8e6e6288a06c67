#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace perch::test {

/// What a finished program left.
struct Finished {
  int status = -1;  ///< its exit status; 128 + n when a signal ended it
  std::string out;
  std::string err;
};

/// Runs a program to its end without a shell, with empty standard input. Aborts the test when it cannot be started or
/// takes longer than `timeout_s`. @thread any, blocks
Finished run_program(const std::vector<std::string>& command, int timeout_s = 120);

/// A folder of its own below the system's temporary folder, removed with everything in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path operator/(const std::filesystem::path& below) const { return path_ / below; }

 private:
  std::filesystem::path path_;
};

/// Writes a file of the test, making its folder.
void write_test_file(const std::filesystem::path& path, std::string_view content);

}  // namespace perch::test
