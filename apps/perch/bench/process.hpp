#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace perch::bench {

/// What a process has used.
struct ProcessUse {
  Seconds cpu{0};                  ///< of all its threads, in the kernel too
  std::size_t resident_bytes = 0;  ///< now
  std::size_t peak_bytes = 0;      ///< ever
  int descriptors = 0;             ///< open; of `Child::use` alone
};

/// From the texts of /proc/PID/stat and /proc/PID/status. Errors: invalid. Source: proc(5). @thread any
Result<ProcessUse> parse_process_use(std::string_view stat, std::string_view status, long ticks_a_second);

/// Another process: the program of this one, run with other arguments. It ends with this object, and with the thread
/// that started it, however that ends. @thread the one that started it
class Child {
 public:
  /// Where its output goes.
  struct Streams {
    bool talk = false;               ///< standard input and output are pipes, for `say` and `hear`
    std::filesystem::path log = {};  ///< else standard output and error go to this file
  };

  /// Errors: io.
  static Result<Child> start(const std::vector<std::string>& arguments, const Streams& streams);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  /// Writes a line to its standard input. Errors: io (it has ended).
  Result<void> say(std::string_view line) const;
  /// The next line of its standard output, without its end. Errors: timeout, eof.
  Result<std::string> hear(Milliseconds patience);
  /// The port that the next line names, `port N`. Errors: those of `hear`; invalid, with the line, when it is another.
  Result<std::uint16_t> hear_port(Milliseconds patience);

  /// Whether it runs.
  bool running();
  /// Errors: not_found (it has ended).
  Result<ProcessUse> use() const;
  /// Asks it to end (SIGTERM), and makes it end when it has not after `patience`.
  void stop(Milliseconds patience);

  /// Just before it was started.
  std::chrono::steady_clock::time_point started() const { return started_; }

 private:
  Child() = default;
  bool wait(Milliseconds patience);

  int pid_ = -1;
  int in_ = -1, out_ = -1;
  std::string heard_;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace perch::bench
