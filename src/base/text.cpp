#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/assert.hpp"

namespace perch {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::size_t kEdit = 4;  ///< what one edit costs; a change of case costs 1

/// Edit distance with transpositions (optimal string alignment) in quarter edits: a change of case costs one quarter.
std::size_t quarter_edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = kEdit * i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = kEdit * j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : lower(a[i - 1]) == lower(b[j - 1]) ? 1 : kEdit;
      d[i][j] = std::min({d[i - 1][j] + kEdit, d[i][j - 1] + kEdit, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + kEdit);
    }
  }
  return d[a.size()][b.size()];
}

struct Unit {
  std::string_view name;
  double scale;
};

constexpr std::array kDurations{Unit{"ns", 1},     Unit{"us", 1e3}, Unit{"ms", 1e6},   Unit{"s", 1e9},
                                Unit{"min", 60e9}, Unit{"m", 60e9}, Unit{"h", 3600e9}, Unit{"d", 86400e9}};
constexpr std::array kSizes{Unit{"B", 1},
                            Unit{"kB", 1e3},
                            Unit{"KB", 1e3},
                            Unit{"MB", 1e6},
                            Unit{"GB", 1e9},
                            Unit{"TB", 1e12},
                            Unit{"KiB", 1024.0},
                            Unit{"MiB", 1048576.0},
                            Unit{"GiB", 1073741824.0},
                            Unit{"TiB", 1099511627776.0}};

/// The quantity in units of the first unit, at most what a signed 64-bit number holds. Whole numbers are exact.
template <std::size_t N>
std::optional<std::int64_t> parse_quantity(std::string_view text, const std::array<Unit, N>& units) {
  constexpr double kTooLarge = 9.2e18;
  const char* const last = text.data() + text.size();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || !std::isfinite(number) || std::signbit(number)) return std::nullopt;
  const std::string_view unit = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  const auto* const known = std::ranges::find(units, unit, &Unit::name);
  if (known == units.end() || number * known->scale >= kTooLarge) return std::nullopt;
  std::int64_t whole = 0;  // past 2^53 a double would round it
  if (const auto exact = std::from_chars(text.data(), last, whole); exact.ec == std::errc{} && exact.ptr == end)
    return whole * static_cast<std::int64_t>(known->scale);
  return std::llround(number * known->scale);
}

template <std::size_t N>
std::string quantity_text(std::uint64_t value, const std::array<Unit, N>& units) {
  if (value == 0) return fmt::format("0{}", units[0].name);
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    const auto scale = static_cast<std::uint64_t>(unit.scale);
    if (value % scale == 0 && scale > static_cast<std::uint64_t>(best->scale)) best = &unit;
  }
  return fmt::format("{}{}", value / static_cast<std::uint64_t>(best->scale), best->name);
}

}  // namespace

std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 200;  // the comparison takes the product of both lengths
  if (typed.empty() || typed.size() > kLongest) return std::nullopt;
  const std::string* best = nullptr;
  std::size_t fewest = SIZE_MAX;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    const std::size_t edits = quarter_edits(typed, candidate);
    const std::size_t allowed = kEdit * std::max<std::size_t>(1, std::max(typed.size(), candidate.size()) / 3);
    if (edits <= allowed && edits < fewest && edits < kEdit * candidate.size()) {
      best = &candidate;
      fewest = edits;
    }
  }
  return best ? std::optional(*best) : std::nullopt;
}

std::string suggest(std::string_view typed, std::span<const std::string> candidates) {
  if (const auto name = nearest(typed, candidates)) return fmt::format("did you mean '{}'?", *name);
  if (candidates.empty()) return {};
  constexpr std::size_t kMostNames = 12;
  const auto shown = candidates.first(std::min(kMostNames, candidates.size()));
  return fmt::format("known: {}{}", join(shown, ", "), candidates.size() > kMostNames ? ", …" : "");
}

std::string format_duration(Nanoseconds duration) {
  const double ns = static_cast<double>(duration.count());
  if (ns < 1e6) return fmt::format("{:.0f} µs", ns / 1e3);
  if (ns < 10e6) return fmt::format("{:.1f} ms", ns / 1e6);
  if (ns < 1e9) return fmt::format("{:.0f} ms", ns / 1e6);
  if (ns < 60e9) return fmt::format("{:.1f} s", ns / 1e9);
  const auto two = [](std::int64_t large, const char* unit, std::int64_t small, const char* smaller) {
    return small == 0 ? fmt::format("{} {}", large, unit) : fmt::format("{} {} {} {}", large, unit, small, smaller);
  };
  const auto seconds = static_cast<std::int64_t>(ns / 1e9);
  if (seconds < 3600) return two(seconds / 60, "min", seconds % 60, "s");
  if (seconds < 48 * 3600) return two(seconds / 3600, "h", seconds / 60 % 60, "min");
  return two(seconds / 86400, "d", seconds / 3600 % 24, "h");
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  return value < 10 ? fmt::format("{:.1f} {}", value, kUnits[unit]) : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

Result<Nanoseconds> parse_duration(std::string_view text) {
  const auto value = parse_quantity(text, kDurations);
  if (!value)
    return fail(Errc::invalid, fmt::format("'{}' is not a duration", printable(text, 40)), {},
                "write it like \"200ms\", \"5s\", \"1min\", \"12h\" or \"7d\"");
  return Nanoseconds{*value};
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto value = parse_quantity(text, kSizes);
  if (!value)
    return fail(Errc::invalid, fmt::format("'{}' is not a size", printable(text, 40)), {},
                "write it like \"64kB\", \"20MB\" or \"2GiB\"");
  return static_cast<std::uint64_t>(*value);
}

std::string duration_text(Nanoseconds duration) {
  PERCH_ASSERT(duration >= Nanoseconds::zero());
  if (duration == Nanoseconds::zero()) return "0s";
  return quantity_text(static_cast<std::uint64_t>(duration.count()), kDurations);
}

std::string size_text(std::uint64_t bytes) {
  return quantity_text(bytes, kSizes);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string sentence(std::string_view text) {
  std::string out(text);
  if (out.empty()) return out;
  if (out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out.ends_with('.') ? out : out + ".";
}

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  std::size_t length = 0;
  if (lead < 0x80)
    length = 1;
  else if (lead >= 0xC2 && lead < 0xE0)
    length = 2;
  else if (lead >= 0xE0 && lead < 0xF0)
    length = 3;
  else if (lead >= 0xF0 && lead < 0xF5)
    length = 4;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  if (length < 3) return length;
  const unsigned char second = byte(at + 1);  // overlong forms, surrogates and beyond U+10FFFF
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
  return length;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = byte < 0x20 || byte == 0x7F || (byte == 0xC2 && length == 2 && (text[i + 1] & 0x60) == 0);
    const bool shown = length > 0 && !control;
    const std::string piece = shown ? std::string(text.substr(i, length)) : fmt::format("\\x{:02x}", byte);
    if (out.size() + piece.size() > limit) return out + "…";
    out += piece;
    i += shown ? length : 1;
  }
  return out;
}

}  // namespace perch
