#include "source/telemetry/records.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "journal/record_json.hpp"

namespace perch::source::telemetry {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::array<std::string_view, 4> kTimeNames{"time", "timestamp", "ts", "seconds"};
constexpr double kLatestSeconds = 9e9;  // as far as nanoseconds reach

/// A value as it stands in CSV; nothing when there is none.
std::optional<Scalar> scalar_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  if (const auto whole = parse_number<std::int64_t>(digits)) return *whole;
  if (const auto number = parse_number<double>(digits)) {
    if (!std::isfinite(*number)) return std::nullopt;
    return *number;
  }
  return std::string(text);
}

/// Splits a line of CSV. Errors: invalid (a quote without its end, or text behind one; too many columns).
Result<std::vector<std::string>> cells_of(std::string_view text, char separator) {
  std::vector<std::string> cells;
  std::size_t at = 0;
  for (;;) {
    if (cells.size() == kMostColumns) return fail(Errc::invalid, fmt::format("has over {} values", kMostColumns));
    while (at < text.size() && (text[at] == ' ' || (text[at] == '\t' && separator != '\t'))) ++at;
    if (at < text.size() && text[at] == '"') {
      std::string cell;
      for (++at;; ++at) {
        if (at >= text.size()) return fail(Errc::invalid, fmt::format("value {} has no end quote", cells.size() + 1));
        if (text[at] != '"')
          cell += text[at];
        else if (at + 1 < text.size() && text[at + 1] == '"')
          cell += text[at++];
        else
          break;
      }
      const std::size_t end = std::min(text.find(separator, ++at), text.size());
      if (!trim(text.substr(at, end - at)).empty())
        return fail(Errc::invalid, fmt::format("value {} goes on behind its quotes", cells.size() + 1));
      cells.push_back(std::move(cell));
      at = end;
    } else {
      const std::size_t end = std::min(text.find(separator, at), text.size());
      cells.emplace_back(trim(text.substr(at, end - at)));
      at = end;
    }
    if (at >= text.size()) return cells;
    ++at;
  }
}

char separator_of(std::string_view header) {
  constexpr std::array kSeparators{',', ';', '\t'};
  return *std::ranges::max_element(kSeparators, {},
                                   [header](char separator) { return std::ranges::count(header, separator); });
}

bool names_time(std::string_view name) {
  return std::ranges::find(kTimeNames, lower_case(name)) != kTimeNames.end();
}

/// A fixed number of digits at the front of `text`, which are taken off.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  const auto value = parse_number<int>(text.substr(0, count));
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// What stands behind the dot of seconds.
Nanoseconds take_fraction(std::string_view& text) {
  std::int64_t nanoseconds = 0, place = 100'000'000;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), place /= 10)
    nanoseconds += (text.front() - '0') * place;
  return Nanoseconds{nanoseconds};
}

/// The zone at the end, as what it is ahead of UTC; without one it is UTC.
std::optional<Nanoseconds> take_zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return Nanoseconds{0};
  const bool behind = text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  take(text, ":");
  const auto minutes = take_digits(text, 2);
  if (!hours || !minutes || !text.empty()) return std::nullopt;
  const Nanoseconds ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return behind ? -ahead : ahead;
}

}  // namespace

void Lines::add(ByteView piece) {
  text_.erase(0, at_);
  seen_ -= at_;
  at_ = 0;
  text_ += as_text(piece);
}

Result<std::optional<std::string_view>> Lines::next() {
  for (;;) {
    const std::size_t end = text_.find('\n', seen_);
    if (end == std::string::npos && !finished_) {
      seen_ = text_.size();
      if (seen_ - at_ <= kMostLineBytes) return std::nullopt;
      at_ = seen_;
      if (std::exchange(skipping_, true)) return std::nullopt;
      return fail(Errc::too_large, fmt::format("a line is over {}", format_size(kMostLineBytes)));
    }
    if (at_ >= text_.size()) return std::nullopt;
    const std::size_t stop = std::min(end, text_.size());
    std::string_view line = std::string_view(text_).substr(at_, stop - at_);
    at_ = seen_ = std::min(stop + 1, text_.size());
    if (std::exchange(skipping_, false)) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > kMostLineBytes)
      return fail(Errc::too_large, fmt::format("a line is over {}", format_size(kMostLineBytes)));
    return line;
  }
}

std::optional<Nanoseconds> parse_time(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second) return std::nullopt;
  const Nanoseconds fraction = take(text, ".,") ? take_fraction(text) : Nanoseconds{0};
  const auto ahead = take_zone(text);
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  constexpr int kFirstYear = 1970, kLastYear = 2200;  // what nanoseconds hold
  if (!ahead || !date.ok() || *year < kFirstYear || *year > kLastYear || *hour > 24 || *minute > 59 || *second > 60)
    return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + fraction - *ahead;
}

Result<std::optional<Row>> RecordParser::line(std::string_view text) {
  ++number_;
  auto row = parse(text);
  if (row) return row;
  Error error = row.error();
  error.what = fmt::format("line {}: {}", number_, error.what);
  return fail(std::move(error));
}

Result<std::optional<Row>> RecordParser::parse(std::string_view text) {
  if (number_ == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (trim(text).empty()) return std::nullopt;
  if (format_ == Format::automatic) format_ = trim(text).starts_with('{') ? Format::jsonl : Format::csv;
  Row row;
  if (format_ == Format::jsonl) {
    PERCH_TRY(row.record, journal::record_from_json(text));
  } else if (columns_.empty()) {
    PERCH_CHECK(header(text));
    return std::nullopt;
  } else {
    PERCH_TRY(row.record, values(text));
  }
  PERCH_TRY(row.at, time_of(row.record));
  return row;
}

Result<void> RecordParser::header(std::string_view text) {
  separator_ = separator_of(text);
  PERCH_TRY(std::vector<std::string> names, cells_of(text, separator_));
  if (names.size() > 1 && names.back().empty()) names.pop_back();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) names[i] = fmt::format("column {}", i + 1);
    names[i] = printable(names[i]);
  }
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) return fail(Errc::invalid, fmt::format("two columns are called '{}'", *twice));
  columns_ = std::move(names);
  return {};
}

Result<Record> RecordParser::values(std::string_view text) {
  PERCH_TRY(std::vector<std::string> cells, cells_of(text, separator_));
  if (cells.size() == columns_.size() + 1 && cells.back().empty()) cells.pop_back();
  if (cells.size() != columns_.size())
    return fail(Errc::invalid,
                fmt::format("has {} values, the first line names {} columns", cells.size(), columns_.size()));
  Record record;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (auto value = scalar_of(cells[i])) record.fields.emplace_back(columns_[i], std::move(*value));
  return record;
}

Result<std::optional<Nanoseconds>> RecordParser::time_of(const Record& record) const {
  const auto is_time = [this](const auto& field) {
    return time_field_.empty() ? names_time(field.first) : field.first == time_field_;
  };
  const auto found = std::ranges::find_if(record.fields, is_time);
  if (found == record.fields.end()) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&found->second)) {
    const auto time = parse_time(*text);
    if (!time)
      return fail(Errc::invalid, fmt::format("'{}' is no time: '{}'", found->first, printable(*text, 40)), {},
                  "a time is a number, or like 2026-11-21T02:13:24.118Z");
    return time;
  }
  constexpr std::array<double, 4> kPerSecond{1, 1e3, 1e6, 1e9};
  const auto* whole = std::get_if<std::int64_t>(&found->second);
  const auto* number = std::get_if<double>(&found->second);
  const double seconds = (whole    ? static_cast<double>(*whole)
                          : number ? *number
                                   : NAN) /
                         kPerSecond[static_cast<std::size_t>(unit_)];
  if (!(std::abs(seconds) < kLatestSeconds))
    return fail(Errc::invalid, fmt::format("'{}' is no time in this unit", found->first), {}, "check time_unit");
  return std::chrono::duration_cast<Nanoseconds>(Seconds(seconds));
}

}  // namespace perch::source::telemetry
