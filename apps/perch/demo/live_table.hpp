#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace perch::cli {

/// What a terminal shows of a daemon: a row for each task of each camera, from the messages of its `/api/live` and the
/// answer of its `/api/cameras` (docs/api.md). What is not understood is passed over. Pure. @thread one
class LiveTable {
 public:
  /// Takes a message of `/api/live`.
  void hear(std::string_view message);
  /// Takes `/api/cameras`: which cameras and tasks there are, and the units of what they say.
  void cameras(std::string_view answer);

  /// Whether `/api/cameras` is to be asked anew.
  bool wants_cameras() const { return wants_cameras_; }

  /// The table, a line a task, under a line of headings.
  /// @param columns  that a line may take; what is longer is cut
  std::vector<std::string> lines(std::size_t columns) const;

  /// The readings since the last call as lines: `12:00:01 meter energy 51345.9 kWh`. None while cameras are to be asked
  /// for, since their units are not known.
  std::vector<std::string> take_readings();

  std::uint64_t readings() const { return readings_; }

 private:
  struct Output {
    std::string unit;
    int decimals = 0;
    bool is_number = true;
  };

  struct Task {
    std::string name;
    std::map<std::string, Output> outputs;
    std::string status, text;
  };

  struct Camera {
    std::string health = "connecting", reason;
    std::vector<Task> tasks;
  };

  struct Parser;

  Task* find(std::string_view camera, std::string_view task);

  std::map<std::string, Camera, std::less<>> cameras_;
  std::deque<std::string> waiting_;  ///< messages of readings that nobody has taken
  std::uint64_t readings_ = 0;
  bool wants_cameras_ = true;
};

}  // namespace perch::cli
