#include "config/node.hpp"

#include <fmt/format.h>

namespace perch::config {

namespace {

bool bare_key(std::string_view key) {
  return !key.empty() && key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                             std::string_view::npos;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      out += c;
  }
  return out + "\"";
}

/// The element of an array of tables that has this name, or nullptr.
Node* find_named(Array& array, const std::string& name) {
  for (Node& element : array) {
    const Node* own = element.find("name");
    if (own && own->text() && *own->text() == name) return &element;
  }
  return nullptr;
}

bool all_named(const Array& array) {
  for (const Node& element : array) {
    const Node* name = element.find("name");
    if (!name || !name->text()) return false;
  }
  return !array.empty();
}

bool different_kinds(const Node& a, const Node& b) {
  const Node* kind_a = a.find("kind");
  const Node* kind_b = b.find("kind");
  return kind_a && kind_b && *kind_a != *kind_b;
}

}  // namespace

Node::Node() = default;
Node::~Node() = default;
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;

Node::Node(Value value, Origin origin) : value_(std::move(value)), origin_(std::move(origin)) {}

const Node* Node::find(std::string_view key) const {
  if (const Table* entries = table())
    for (const Entry& entry : *entries)
      if (entry.key == key) return &entry.value;
  return nullptr;
}

const Origin& Node::origin_of(std::string_view key) const {
  const Node* value = find(key);
  return value ? value->origin() : origin_;
}

void Node::set(std::string_view key, Node value) {
  if (!table()) value_ = Table{};
  auto& entries = std::get<Table>(value_);
  for (Entry& entry : entries) {
    if (entry.key == key) {
      entry.origin = value.origin();
      entry.value = std::move(value);
      return;
    }
  }
  const Origin origin = value.origin();
  entries.push_back({std::string(key), std::move(value), origin});
}

std::string_view Node::kind() const {
  struct Name {
    std::string_view operator()(std::monostate) const { return "nothing"; }

    std::string_view operator()(bool) const { return "true or false"; }

    std::string_view operator()(std::int64_t) const { return "a whole number"; }

    std::string_view operator()(double) const { return "a number"; }

    std::string_view operator()(const std::string&) const { return "a string"; }

    std::string_view operator()(const Array&) const { return "a list"; }

    std::string_view operator()(const Table&) const { return "a table"; }
  };

  return std::visit(Name{}, value_);
}

bool Node::operator==(const Node& other) const {
  return value_ == other.value_;
}

Node merge(const Node& lower, const Node& upper) {
  if (lower.table() && upper.table() && !different_kinds(lower, upper)) {
    Node merged = lower;
    for (const Entry& entry : *upper.table()) {
      const Node* below = merged.find(entry.key);
      merged.set(entry.key, below ? merge(*below, entry.value) : entry.value);
    }
    return merged;
  }
  if (lower.array() && upper.array() && all_named(*lower.array()) && all_named(*upper.array())) {
    Array merged = *lower.array();
    for (const Node& element : *upper.array()) {
      if (Node* below = find_named(merged, *element.find("name")->text()))
        *below = merge(*below, element);
      else
        merged.push_back(element);
    }
    return Node{std::move(merged), upper.origin()};
  }
  return upper;
}

std::string to_toml(const Node& node) {
  struct Write {
    std::string operator()(std::monostate) const { return "\"\""; }

    std::string operator()(bool value) const { return value ? "true" : "false"; }

    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }

    std::string operator()(double value) const {
      std::string text = fmt::format("{}", value);
      if (text.find_first_of(".einf") == std::string::npos) text += ".0";
      return text;
    }

    std::string operator()(const std::string& value) const { return quote(value); }

    std::string operator()(const Array& value) const {
      std::string text = "[";
      for (const Node& element : value) text += (text.size() > 1 ? ", " : "") + to_toml(element);
      return text + "]";
    }

    std::string operator()(const Table& value) const {
      std::string text = "{";
      for (const Entry& entry : value)
        text += fmt::format("{} {} = {}", text.size() > 1 ? "," : "",
                            bare_key(entry.key) ? entry.key : quote(entry.key), to_toml(entry.value));
      return text + (value.empty() ? "}" : " }");
    }
  };

  return std::visit(Write{}, node.value());
}

}  // namespace perch::config
