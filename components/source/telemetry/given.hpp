#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>

namespace perch::source::telemetry {

/// The records that were given, by their text: what an answer repeats of the answers before it is told from what is
/// new, wherever it stands (a log that grows, the last hundred, the newest first). Within one answer nothing is a
/// repetition. Pure. @thread one at a time
class Given {
 public:
  /// So many records are remembered.
  static constexpr std::size_t kMost = 65'536;

  /// Another answer begins.
  void begin_answer() { ++answer_; }

  /// Whether this record came with an answer before; remembers it if not.
  bool before(std::string_view line);

 private:
  std::uint64_t answer_ = 0;
  std::unordered_map<std::size_t, std::uint64_t> answers_;  ///< hash of a record → the answer that it came with
  std::deque<std::size_t> order_;                           ///< the hashes, the oldest first
};

}  // namespace perch::source::telemetry
