#pragma once
#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

namespace perch::test {

/// A program that runs beside the test, without a shell and with empty standard input. What it prints, on standard
/// output and error, is kept. Killed and reaped when destroyed. @thread one
class RunningProgram {
 public:
  /// Aborts the test when it cannot be started.
  explicit RunningProgram(const std::vector<std::string>& command);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// The next line that has `text` in it, after the one that the last call returned. Aborts the test, showing what the
  /// program printed, when none comes in time or the program has ended.
  std::string wait_for(const std::string& text, std::chrono::seconds timeout = std::chrono::seconds(60));

  void signal(int number) const;
  /// Its exit status, 128 + n when a signal ended it. Aborts the test when it does not end in time.
  int wait(std::chrono::seconds timeout = std::chrono::seconds(60));
  /// Kills it, whatever it does, and reaps it.
  void kill();

  pid_t pid() const { return pid_; }

  /// What it has printed so far, as far as it was waited for.
  const std::string& output() const { return output_; }

 private:
  /// Takes what it has printed; false at the end or when the time is over.
  bool read_more(std::chrono::steady_clock::time_point deadline);

  std::string name_;
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string output_;
  std::size_t searched_ = 0;  ///< the lines before were returned or passed over
};

}  // namespace perch::test
