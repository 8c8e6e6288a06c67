#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace perch {

/// The candidate that a mistyped name most likely meant: fewest edits (a swap counts one, a change of case a quarter),
/// at most one for three characters, but one always; nothing when none is near. Names over 200 bytes are near nothing.
std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> candidates);

/// `did you mean 'car'?`, or `known: a, b, c` when nothing is near (the first 12), or empty without candidates.
std::string suggest(std::string_view typed, std::span<const std::string> candidates);

/// `850 ms`, `1.5 s`, `3 min 5 s`, `2 h`: for people.
std::string format_duration(Nanoseconds duration);
/// `512 B`, `1.5 kB`, `20 MB`: decimal units, for people.
std::string format_size(std::uint64_t bytes);

/// The number that a text is, from its first character to its last: no `+`, no spaces. Nothing where it is none, or
/// beyond what `T` holds; as a floating-point number `nan` and `inf` are numbers too.
/// @param base  of a whole number
template <class T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  const char* const last = text.data() + text.size();
  std::from_chars_result read{};
  if constexpr (std::is_integral_v<T>)
    read = std::from_chars(text.data(), last, value, base);
  else
    read = std::from_chars(text.data(), last, value);
  return read.ec == std::errc{} && read.ptr == last ? std::optional(value) : std::nullopt;
}

/// `200ms`, `1.5s`, `2min`, `1m`, `12h`, `7d`: never negative, at most 290 years. Errors: invalid, with the units.
Result<Nanoseconds> parse_duration(std::string_view text);
/// `10B`, `64kB`, `20MB`, `2GB` (decimal) and `64KiB`, `20MiB`, `2GiB`. Errors: invalid, with the units.
Result<std::uint64_t> parse_size(std::string_view text);
/// What `parse_duration` and `parse_size` accept, as a regular expression for schemas and forms.
inline constexpr std::string_view kDurationPattern =
    R"(^([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*(ns|us|ms|s|min|m|h|d)\s*$)";
inline constexpr std::string_view kSizePattern =
    R"(^([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*(B|[kK]B|[MGT]B|[KMGT]iB)\s*$)";
/// A whole number in the largest unit that keeps it whole; `parse_duration` reads it back to the same value.
/// @pre not negative
std::string duration_text(Nanoseconds duration);
/// The same for sizes, read back by `parse_size`.
std::string size_text(std::uint64_t bytes);

/// Splits at every `separator`; empty parts are kept.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string_view trim(std::string_view text);
/// With its ASCII letters made small.
std::string lower_case(std::string_view text);
/// `what to find out` → `What to find out.`
std::string sentence(std::string_view text);
/// The bytes of the UTF-8 character that starts at `at`, or 0 when the bytes there are none.
std::size_t utf8_length(std::string_view text, std::size_t at);
/// Outside bytes made safe to print on one line: control characters escaped, at most `limit` bytes, whole UTF-8 only.
std::string printable(std::string_view text, std::size_t limit = 120);

}  // namespace perch
