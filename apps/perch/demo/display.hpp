#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace perch::cli {

/// Shows what a daemon on loopback reads: on a terminal a table that is drawn anew, else each reading as a line. Runs
/// on a thread of its own. @thread one
class Display {
 public:
  /// @param title  stands above the table, or is the first line
  explicit Display(std::string title);
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;
  /// Leaves what is shown on the screen.
  ~Display();

  /// The daemon listens there: begins. Returns at once. @thread any
  void begin(std::uint16_t port);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace perch::cli
