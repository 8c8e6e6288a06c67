#include "config/toml_guard.hpp"

#include <algorithm>

namespace perch::config {

namespace {

/// The place just behind the string that starts at `at` with a quote.
std::size_t end_of_string(std::string_view toml, std::size_t at) {
  const char quote = toml[at];
  const bool escapes = quote == '"';
  const char triple[] = {quote, quote, quote, '\0'};
  const bool multi_line = toml.substr(at).starts_with(triple);
  for (at += multi_line ? 3 : 1; at < toml.size(); ++at) {
    if (escapes && toml[at] == '\\') {
      ++at;
    } else if (multi_line && toml.substr(at).starts_with(triple)) {
      at += 3;
      for (int more = 0; more < 2 && at < toml.size() && toml[at] == quote; ++more) ++at;  // """x"""" ends in a quote
      return at;
    } else if (!multi_line && (toml[at] == quote || toml[at] == '\n')) {
      return at + 1;
    }
  }
  return toml.size();
}

TextPlace place_of(std::string_view toml, std::size_t at) {
  TextPlace place;
  for (const char c : toml.substr(0, at)) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

}  // namespace

std::optional<TextPlace> find_deep_key(std::string_view toml) {
  std::size_t parts = 1;
  for (std::size_t at = 0; at < toml.size();) {
    switch (toml[at]) {
      case '"':
      case '\'':
        at = end_of_string(toml, at);
        continue;
      case '#':
        at = std::min(toml.find('\n', at), toml.size());
        continue;
      case '.':
        if (++parts > kMostKeyParts) return place_of(toml, at);
        break;
      case '\n':
      case '=':
      case ',':
      case '[':
      case ']':
      case '{':
      case '}':
        parts = 1;
        break;
      default:
        break;
    }
    ++at;
  }
  return std::nullopt;
}

}  // namespace perch::config
