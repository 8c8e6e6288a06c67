#include "net/query.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace perch::net {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return fail(Errc::invalid, "'" + printable(text.substr(i, 3)) + "' is not a percent-encoded character", {},
                    "write a percent sign itself as %25");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (is_control(c)) return fail(Errc::invalid, "a control character stands in the address");
    out += c;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Result<Query> Query::parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    if (query.entries_.size() == kMostEntries)
      return fail(Errc::too_large, fmt::format("the address has more than {} parameters", kMostEntries));
    const std::size_t equals = part.find('=');
    PERCH_TRY(std::string name, percent_decode(part.substr(0, equals), true));
    PERCH_TRY(std::string value,
              percent_decode(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true));
    query.entries_.emplace_back(std::move(name), std::move(value));
  }
  return query;
}

std::optional<std::string_view> Query::get(std::string_view name) const {
  for (const auto& [key, value] : entries_)
    if (key == name) return value;
  return std::nullopt;
}

Result<std::optional<std::int64_t>> Query::integer(std::string_view name, std::int64_t least, std::int64_t most) const {
  const auto text = get(name);
  if (!text) return std::optional<std::int64_t>{};
  const auto value = parse_number<std::int64_t>(*text);
  if (!value || *value < least || *value > most)
    return fail(Errc::invalid, fmt::format("'{}' is not a whole number from {} to {}", printable(*text), least, most),
                std::string(name));
  return value;
}

Result<Target> parse_target(std::string_view text) {
  Target target;
  if (text == "*") {
    target.path = "*";
    return target;
  }
  const bool plain = text.starts_with("http://");
  if (plain || text.starts_with("https://")) {
    text.remove_prefix(plain ? 7 : 8);
    const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
    target.authority = text.substr(0, end);
    text.remove_prefix(end);
    if (target.authority.empty()) return fail(Errc::invalid, "the address names no host");
    if (text.empty()) text = "/";
  }
  if (!text.starts_with('/'))
    return fail(Errc::invalid, "'" + printable(text, 60) + "' is not a path", {}, "a path starts with /");
  text = text.substr(0, text.find('#'));
  const std::size_t mark = text.find('?');
  const std::string_view path = text.substr(0, mark);
  if (mark != std::string_view::npos) {
    PERCH_TRY(target.query, Query::parse(text.substr(mark + 1)));
  }
  target.path = path;
  for (const std::string& part : split(path.substr(1), '/')) {
    PERCH_TRY(std::string segment, percent_decode(part));
    target.segments.push_back(std::move(segment));
  }
  return target;
}

PathPattern::PathPattern(std::string_view text) : text_(text) {
  PERCH_ASSERT(text.starts_with('/'));
  for (const std::string& part : split(text.substr(1), '/')) {
    PERCH_ASSERT(segments_.empty() || segments_.back().kind != Kind::rest);
    if (!part.starts_with('{')) {
      segments_.push_back({Kind::fixed, part});
      continue;
    }
    PERCH_ASSERT(part.size() > 2 && part.ends_with('}'));
    const std::string name = part.substr(1, part.size() - 2);
    if (name.ends_with("..."))
      segments_.push_back({Kind::rest, name.substr(0, name.size() - 3)});
    else
      segments_.push_back({Kind::one, name});
  }
}

std::optional<PathParams> PathPattern::match(std::span<const std::string> segments) const {
  PathParams params;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment& mine = segments_[i];
    if (mine.kind == Kind::rest) {
      const auto rest = segments.subspan(std::min(i, segments.size()));
      params.emplace_back(mine.text, join(rest, "/"));
      return params;
    }
    if (i >= segments.size()) return std::nullopt;
    if (mine.kind == Kind::fixed) {
      if (segments[i] != mine.text) return std::nullopt;
    } else {
      if (segments[i].empty()) return std::nullopt;
      params.emplace_back(mine.text, segments[i]);
    }
  }
  if (segments.size() != segments_.size()) return std::nullopt;
  return params;
}

}  // namespace perch::net
