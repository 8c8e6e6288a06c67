#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/diagnostic.hpp"

namespace perch::config {

/// Where a value was written: file (or layer), line and column from 1; line 0 when it was not written in a text. A
/// table that was opened with a header is written where its header stands.
struct Origin {
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;
};

class Node;
using Array = std::vector<Node>;

/// The entries of a table, in the order in which they were written.
struct Entry;
using Table = std::vector<Entry>;

/// One value of a configuration, with its origin. The common form of TOML files, of the hub's desired values and of
/// what a page sends, so that all of them are checked by the same field tables and errors point to the right place.
class Node {
 public:
  using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Table>;

  Node();
  ~Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;

  Node(Value value, Origin origin = {});

  const Value& value() const { return value_; }

  Value& value() { return value_; }

  const Origin& origin() const { return origin_; }

  const Table* table() const { return std::get_if<Table>(&value_); }

  const Array* array() const { return std::get_if<Array>(&value_); }

  const std::string* text() const { return std::get_if<std::string>(&value_); }

  /// The entry of a table, or nullptr when there is none or this is no table. Valid until the node changes.
  const Node* find(std::string_view key) const;
  /// Sets an entry of a table (an empty node becomes one).
  void set(std::string_view key, Node value);
  /// Where a table's entry has its value; the table's own place when there is no such entry.
  const Origin& origin_of(std::string_view key) const;

  /// What it is, for messages: "a string", "a whole number", "a table".
  std::string_view kind() const;

  /// Equal values, tables in the same order; where they were written does not matter.
  bool operator==(const Node& other) const;

 private:
  Value value_;
  Origin origin_;
};

struct Entry {
  std::string key;
  Node value;
  Origin origin;  ///< of the key

  bool operator==(const Entry& other) const { return key == other.key && value == other.value; }
};

/// Parses TOML 1.0. A syntax error becomes a diagnostic with its place, and the node is empty. Columns count Unicode
/// characters, a tab as one. Limits: 4 MB, 32 parts in a dotted key, lists and inline tables 32 deep.
Node parse_toml(std::string_view text, std::string_view file, Diagnostics& diagnostics);

/// Reads and parses a TOML file; a file that cannot be read is a diagnostic too.
Node load_toml(const std::string& path, Diagnostics& diagnostics);

/// Lays `upper` over `lower`: tables key by key (unless their `kind` differs: then they have no keys in common), arrays
/// of tables that all have a `name` entry by entry, all else replaced. Each value keeps the origin of the layer it came
/// from.
Node merge(const Node& lower, const Node& upper);

/// The value as a TOML literal (inline tables and arrays on one line). An empty node is written as an empty string.
std::string to_toml(const Node& node);

}  // namespace perch::config
