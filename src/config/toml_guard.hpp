#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace perch::config {

/// A key's dots make tables in tables, and the parser follows them by recursion without a limit of its own.
inline constexpr std::size_t kMostKeyParts = 32;

/// A place in a text, from 1; columns count Unicode characters.
struct TextPlace {
  int line = 1;
  int column = 1;
};

/// The first place where a key gets more than `kMostKeyParts` parts, if there is one. Sees strings and comments as TOML
/// does, up to the first syntax error; what comes after one is never parsed.
std::optional<TextPlace> find_deep_key(std::string_view toml);

}  // namespace perch::config
