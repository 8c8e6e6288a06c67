#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "seam/frame.hpp"

/// Telemetry as text, line by line. Pure: no files, no network.
namespace perch::source::telemetry {

enum class Format : std::uint8_t {
  automatic,  ///< lines that begin with { are JSON, others CSV
  csv,        ///< the first line names the columns; separated by commas, semicolons or tabs
  jsonl       ///< an object a line
};

/// How many nanoseconds a number in the time field counts.
enum class TimeUnit : std::uint8_t { s, ms, us, ns };

/// The longest line that is taken.
inline constexpr std::size_t kMostLineBytes = 1 << 20;
inline constexpr std::size_t kMostColumns = 4096;

/// Cuts what comes in pieces into lines, without their ends (`\n` or `\r\n`).
class Lines {
 public:
  void add(ByteView piece);

  /// Nothing comes after: what is left is the last line.
  void finish() { finished_ = true; }

  /// The next whole line, or nothing until more is added. Valid until the next call of any member.
  /// Errors: too_large (a line over `kMostLineBytes`, once; its rest is passed over)
  Result<std::optional<std::string_view>> next();

  /// Nothing will come any more.
  bool ended() const { return finished_ && at_ >= text_.size(); }

 private:
  std::string text_;
  std::size_t at_ = 0;    ///< where the next line begins
  std::size_t seen_ = 0;  ///< up to here there is no end of it
  bool skipping_ = false;
  bool finished_ = false;
};

/// One record and when it was taken, on a scale of its own.
struct Row {
  Record record;
  std::optional<Nanoseconds> at;
};

/// Makes records of lines.
///
/// Values of CSV are whole numbers, numbers, `true` and `false`, or text; what is empty or no number (nan) is left out.
/// Fields may stand in double quotes, doubled within. One separator too many at the end of a line is overlooked.
class RecordParser {
 public:
  /// @param time_field  which field tells the time; empty: the first named time, timestamp, ts or seconds, if any
  RecordParser(Format format, std::string time_field, TimeUnit unit)
      : format_(format),
        time_field_(std::move(time_field)),
        unit_(unit) {}

  /// The record of the next line; nothing for a header and for empty lines.
  /// Errors: invalid, with the number of the line as `line N: …`
  Result<std::optional<Row>> line(std::string_view text);

  /// A line that was not handed in, to keep count.
  void skip_line() { ++number_; }

  /// Of the latest line, from 1.
  std::size_t number() const { return number_; }

 private:
  Result<std::optional<Row>> parse(std::string_view text);
  Result<void> header(std::string_view text);
  Result<Record> values(std::string_view text);
  Result<std::optional<Nanoseconds>> time_of(const Record& record) const;

  Format format_;
  std::string time_field_;
  TimeUnit unit_;
  std::size_t number_ = 0;
  char separator_ = ',';
  std::vector<std::string> columns_;  ///< of CSV, once the header is known
};

/// `2018-04-08 10:31:37.005628`, with `T` or a space, with or without a zone (`Z`, `+01:00`), since 1970.
std::optional<Nanoseconds> parse_time(std::string_view text);

}  // namespace perch::source::telemetry
