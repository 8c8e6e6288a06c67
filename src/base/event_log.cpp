#include "base/event_log.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace perch::log {

namespace {

bool is_plain(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](unsigned char c) {
    return c > ' ' && c != 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

void append_value(std::string& line, std::string_view value) {
  if (is_plain(value)) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
      continue;
    }
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  line += '"';
}

}  // namespace

std::string event_line(std::string_view event, std::initializer_list<EventField> fields) {
  std::string line = "event=";
  append_value(line, event);
  for (const EventField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  return line;
}

std::int64_t EventLog::pass(std::string_view event, std::string_view subject) {
  const Nanoseconds now = clock_.monotonic();
  if (seen_.size() >= kMostSubjects) seen_.clear();
  Seen& seen = seen_[fmt::format("{} {}", event, subject)];
  const bool fresh = seen.lines == 0 || now - seen.since >= kPeriod;
  if (!fresh && seen.lines >= kBurst) {
    ++seen.held;
    return -1;
  }
  const std::int64_t held = seen.held;
  if (fresh) seen = {now, 0, 0};
  ++seen.lines;
  return held;
}

void EventLog::write(Level level, std::string_view event, std::string_view subject,
                     std::initializer_list<EventField> fields) {
  const std::int64_t held = pass(event, subject);
  if (held < 0) return;
  std::string line = event_line(event, fields);
  if (held > 0) line += fmt::format(" held_back={}", held);
  log::write(level, line);
}

}  // namespace perch::log
