#pragma once
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "seam/sink.hpp"
#include "sink/file/tail.hpp"

namespace perch::sink::file {

/// When a new file is begun, and what becomes of the old ones.
struct Rotation {
  std::uint64_t bytes = 0;  ///< a file grows no larger than this; 0: any size
  Milliseconds every{0};    ///< a file holds no more than such a period, counted from midnight UTC; 0: any time
  int keep = 0;             ///< rotated files that stay; 0: all
};

/// A file of readings, a JSON line each, in which every reading stands exactly once, whatever happens while it is
/// written. One owner; not for two threads at once. @thread blocking
class ReadingFile {
 public:
  /// @param clock outlives this
  ReadingFile(std::filesystem::path path, const Rotation& rotation, const Clock& clock)
      : path_(std::move(path)),
        rotation_(rotation),
        clock_(clock) {}

  /// Appends the readings that are not there yet. After it has returned well all of them are on the disk; after an
  /// error those before the failure may be, and none in part: to be called again with the same ones.
  /// Errors: not_found (its folder), denied, full, exists (another has it open), mismatch (it holds something else),
  ///         invalid (no file), io.
  Result<void> append(std::span<const Reading> readings);

 private:
  Result<void> try_append(std::span<const Reading> readings);
  Result<void> make_ready();
  Result<void> open();
  Result<void> mend(const Tail& tail);
  Result<void> read_predecessors();
  Result<void> write(std::string& lines);
  Result<void> rotate();
  bool is_over(UtcTime now) const;

  std::filesystem::path path_;
  Rotation rotation_;
  const Clock& clock_;
  Descriptor file_;
  std::uint64_t bytes_ = 0;  ///< of the file, all of it on the disk
  UtcTime begun_;            ///< when the file got its first reading
  Newest newest_;            ///< of what is on the disk
};

}  // namespace perch::sink::file
