#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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

/// A program that runs in the background as long as this lives, with empty standard input; what it prints as errors
/// goes where the test's own do. Killed and waited for at the end, at the latest. @thread one
class RunningProgram {
 public:
  /// Aborts the test when it cannot be started.
  explicit RunningProgram(const std::vector<std::string>& command);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// The next line of its standard output, without the newline; what there is when it has closed it, maybe nothing.
  /// Aborts the test when none comes within `timeout_s`. @thread blocks
  std::string read_line(int timeout_s = 60);

  void signal(int number) const;
  /// Waits for its end and returns its exit status, or 128 + n when a signal ended it. Aborts the test when it goes on
  /// for longer than `timeout_s`. @thread blocks
  int wait(int timeout_s = 60);
  /// Kills it unless it has ended, and waits. As `wait`.
  int kill();

  int pid() const { return pid_; }

 private:
  std::vector<std::string> command_;
  int pid_ = 0;
  int out_ = -1;
  std::optional<int> status_;  ///< once it has been waited for
  std::string buffer_;
};

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
