#include "config/setting.hpp"

#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::config {

namespace {

/// What TOML sets; nothing when it is none, or sets nothing or more than one key.
std::optional<Entry> only_entry(std::string_view toml) {
  Diagnostics diagnostics;
  const Node node = parse_toml(toml, {}, diagnostics);
  if (!diagnostics.ok() || node.table()->size() != 1) return std::nullopt;
  return node.table()->front();
}

/// The key, dotted or not, with a number as its value; nothing for a table's header, a comment and what is none of
/// TOML.
std::optional<Entry> key_of(std::string_view text) {
  std::optional<Entry> entry = only_entry(fmt::format("{} = 0", text));
  const Node* inner = entry ? &entry->value : nullptr;
  while (inner && inner->table()) inner = inner->table()->size() == 1 ? &inner->table()->front().value : nullptr;
  return inner && std::holds_alternative<std::int64_t>(inner->value()) ? entry : std::nullopt;
}

/// The value as it would stand in a file, or else the text itself; nothing when that is not UTF-8.
std::optional<Node> value_of(const std::string& text) {
  std::optional<Entry> entry = only_entry("v = " + text);
  if (!entry) entry = only_entry("v = " + to_toml(Node{text}));
  return entry ? std::optional(std::move(entry->value)) : std::nullopt;
}

/// The same value with one place for all that is in it.
Node placed(const Node& node, const Origin& place) {
  Node::Value value = node.value();
  if (auto* array = std::get_if<Array>(&value))
    for (Node& element : *array) element = placed(element, place);
  if (auto* table = std::get_if<Table>(&value))
    for (Entry& entry : *table) entry = {entry.key, placed(entry.value, place), place};
  return {std::move(value), place};
}

/// Sets the value under the key that `key_of` has read; of a dotted key each part is a table in the one before.
void set_under(Node& table, const Entry& entry, Node value) {
  if (entry.value.table()) {
    const Node* const there = table.find(entry.key);
    Node inner = there && there->table() ? *there : Node{Table{}, value.origin()};
    set_under(inner, entry.value.table()->front(), std::move(value));
    value = std::move(inner);
  }
  table.set(entry.key, std::move(value));
}

/// Sets what one text says; what is wrong with it becomes a diagnostic.
void read_setting(const std::string& text, const Origin& place, Node& settings, Diagnostics& diagnostics) {
  constexpr std::size_t kShown = 60;
  const std::size_t equals = text.find('=');
  const std::string key(trim(std::string_view(text).substr(0, equals)));
  if (equals == std::string::npos || key.empty()) {
    diagnostics.add(place, "", fmt::format("'{}' is no setting", printable(text, kShown)), "write KEY=VALUE");
    return;
  }
  const std::optional<Entry> entry = key_of(key);
  const std::optional<Node> value = value_of(text.substr(equals + 1));
  if (!entry)
    diagnostics.add(place, "", fmt::format("'{}' is no key", printable(key, kShown)),
                    "write KEY=VALUE; a key is letters, digits, '-' and '_', with a dot between its parts");
  else if (!value)
    diagnostics.add(place, printable(key, kShown), "the value is not UTF-8 text");
  else
    set_under(settings, *entry, placed(*value, place));
}

}  // namespace

Result<Node> parse_settings(std::span<const std::string> texts, std::string_view place) {
  const Origin origin{std::make_shared<const std::string>(place), 0, 0};
  Diagnostics diagnostics;
  Node settings{Table{}};
  for (const std::string& text : texts) read_setting(text, origin, settings, diagnostics);
  if (!diagnostics.ok()) return fail(diagnostics.to_error());
  return settings;
}

}  // namespace perch::config
