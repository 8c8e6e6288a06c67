#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

/// What a request asks for, as text: pure, no sockets. Source: RFC 3986, RFC 9112 section 3.2.
namespace perch::net {

/// Undoes `%xx`, and `+` for a space where `plus_is_space` (queries, not paths).
/// Errors: invalid: a `%` without two hexadecimal digits, or a control character in what comes out. @thread any
Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// Text safe as one part of a path or a query: all but letters, digits and `-._~` becomes `%XX`. @thread any
std::string percent_encode(std::string_view text);

/// The part of an address after `?`, decoded. Names may repeat; the first one counts.
class Query {
 public:
  static constexpr std::size_t kMostEntries = 64;

  /// Errors: invalid (a bad `%xx`), too_large (more than `kMostEntries`).
  static Result<Query> parse(std::string_view text);

  /// Valid as long as the query.
  std::optional<std::string_view> get(std::string_view name) const;

  /// A whole number between `least` and `most`, or nothing where the query does not have it.
  /// Errors: invalid, with the name and the range.
  Result<std::optional<std::int64_t>> integer(std::string_view name, std::int64_t least, std::int64_t most) const;

  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

/// The target of a request line, taken apart.
struct Target {
  std::string authority;              ///< of `http://HOST/path`; empty for `/path`
  std::string path;                   ///< as it came, starting with `/`; `*` for OPTIONS
  std::vector<std::string> segments;  ///< of the path, decoded one by one: `%2F` stays within its segment
  Query query;
};

/// Errors: invalid, too_large. @thread any
Result<Target> parse_target(std::string_view text);

/// What `{name}` stood for, in the order of the pattern.
using PathParams = std::vector<std::pair<std::string, std::string>>;

/// A path with places: `/api/cameras/{name}/latest.jpg`. `{name}` is one segment that is not empty; `{name...}`, at the
/// end, is all that is left, maybe nothing.
class PathPattern {
 public:
  /// `text` is ours: it starts with `/`, and its braces close.
  explicit PathPattern(std::string_view text);

  /// The values of the places when the path matches as a whole.
  std::optional<PathParams> match(std::span<const std::string> segments) const;

  const std::string& text() const { return text_; }

 private:
  enum class Kind : std::uint8_t { fixed, one, rest };

  struct Segment {
    Kind kind;
    std::string text;
  };

  std::string text_;
  std::vector<Segment> segments_;
};

}  // namespace perch::net
