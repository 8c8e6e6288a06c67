#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"

namespace perch::config {

enum class FieldType : std::uint8_t {
  string,
  integer,
  number,
  boolean,
  duration,
  size,
  choice,
  list,
  table,
  component
};

/// One field with its types forgotten: what schemas, forms and the reference page are made from.
struct FieldSpec {
  std::string name;
  FieldType type = FieldType::string;
  std::string help;
  std::string unit;
  bool required = false;
  Node default_value;  ///< as `read` accepts it; empty when there is none worth telling
  std::optional<double> min,
      max;              ///< numbers as they are, durations in ns, sizes and strings in bytes, lists in entries
  std::string pattern;  ///< FieldType::string: a regular expression, or empty
  std::vector<std::string> choices;  ///< FieldType::choice
  std::vector<FieldSpec> nested;     ///< FieldType::table: its fields; FieldType::list: one, the element
  std::string category;              ///< FieldType::component: "source", "decoder", "analysis", "sink"
};

using TableSpec = std::vector<FieldSpec>;

/// One kind of component: what may stand in a table whose `kind` it is.
struct ComponentSpec {
  std::string kind;
  std::string help;
  TableSpec fields;
};

/// The kinds of component of a category, in the order in which to show them.
using Catalogue = std::function<std::vector<ComponentSpec>(std::string_view category)>;

/// The limits of a field in words, as they are written in the file: "100ms to 5min", "at least 1", "at most 8 entries",
/// or empty.
std::string limits_text(const FieldSpec& field);

}  // namespace perch::config
