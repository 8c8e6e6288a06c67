#include "config/field_value.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::config {

namespace {

std::string show_number(double value) {
  return fmt::format("{}", value);
}

std::string show_duration(double ns) {
  return duration_text(Nanoseconds{std::llround(ns)});
}

std::string show_size(double bytes) {
  return size_text(static_cast<std::uint64_t>(bytes));
}

std::string show_entries(double count) {
  return fmt::format("{} {}", count, count == 1 ? "entry" : "entries");
}

std::string show_bytes(double count) {
  return fmt::format("{} {}", count, count == 1 ? "character" : "characters");
}

using Show = std::string (*)(double);

Show show_of(FieldType type) {
  switch (type) {
    case FieldType::duration:
      return show_duration;
    case FieldType::size:
      return show_size;
    case FieldType::list:
      return show_entries;
    case FieldType::string:
      return show_bytes;
    default:
      return show_number;
  }
}

/// Whether a limit is on how many there are, and not on the value.
bool is_counted(FieldType type) {
  return type == FieldType::list || type == FieldType::string;
}

/// A limit of a type that is not one of the field is not worth naming, unless it is the one that was crossed.
bool worth_naming(double limit) {
  return std::abs(limit) < 1e9;
}

}  // namespace

std::string Component::kind() const {
  const Node* kind = table.find("kind");
  return kind && kind->text() ? *kind->text() : std::string();
}

std::string limits_text(const FieldSpec& field) {
  const Show show = show_of(field.type);
  if (field.min && field.max && *field.min == *field.max) return show(*field.min);
  if (field.min && field.max) {
    return fmt::format("{} to {}", is_counted(field.type) ? show_number(*field.min) : show(*field.min),
                       show(*field.max));
  }
  if (field.min && field.type == FieldType::string && *field.min == 1) return "not empty";
  if (field.min) return "at least " + show(*field.min);
  if (field.max) return "at most " + show(*field.max);
  return {};
}

namespace detail {

namespace {

/// Checks a limit and says it in the words the file is written in.
bool check_range(const Node& node, const std::string& key, const Rules& rules, FieldType type, double value,
                 Diagnostics& diagnostics) {
  if (value >= rules.min && value <= rules.max) return true;
  const Show show = show_of(type);
  const bool quantity = type == FieldType::duration || type == FieldType::size;
  const bool both = std::isfinite(rules.min) && std::isfinite(rules.max) &&
                    (quantity || (worth_naming(rules.min) && worth_naming(rules.max)));
  std::string limits = value < rules.min ? "at least " + show(rules.min) : "at most " + show(rules.max);
  if (both && rules.min == rules.max)
    limits = show(rules.min);
  else if (both)
    limits =
        fmt::format("between {} and {}", is_counted(type) ? show_number(rules.min) : show(rules.min), show(rules.max));
  diagnostics.add(node.origin(), key,
                  fmt::format("{0} {2}, but must {1} {3}", is_counted(type) ? "has" : "is",
                              is_counted(type) ? "have" : "be", show(value), limits));
  return false;
}

}  // namespace

bool wrong_kind(const Node& node, const std::string& key, std::string_view wanted, Diagnostics& diagnostics) {
  diagnostics.add(node.origin(), key, fmt::format("is {}, but must be {}", node.kind(), wanted));
  return false;
}

bool wrong_text(const Node& node, const std::string& key, const Error& error, Diagnostics& diagnostics) {
  diagnostics.add(node.origin(), key, error.what, error.remedy);
  return false;
}

bool missing(const Node& table, const std::string& key, std::string_view help, Diagnostics& diagnostics) {
  diagnostics.add(table.origin(), key, "is missing", help.empty() ? "" : fmt::format("set it: {}", help));
  return false;
}

bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, std::string& out) {
  const std::string* text = node.text();
  if (!text) return wrong_kind(node, key, "a string", diagnostics);
  if (text->empty() && rules.min == 1) {
    diagnostics.add(node.origin(), key, "must not be empty");
    return false;
  }
  if (!check_range(node, key, rules, FieldType::string, static_cast<double>(text->size()), diagnostics)) return false;
  out = *text;
  return true;
}

bool read(const Node& node, const std::string& key, const Rules&, Diagnostics& diagnostics, bool& out) {
  const bool* flag = std::get_if<bool>(&node.value());
  if (!flag) return wrong_kind(node, key, "true or false", diagnostics);
  out = *flag;
  return true;
}

bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, std::int64_t& out) {
  const std::int64_t* number = std::get_if<std::int64_t>(&node.value());
  if (!number) return wrong_kind(node, key, "a whole number", diagnostics);
  if (!check_range(node, key, rules, FieldType::integer, static_cast<double>(*number), diagnostics)) return false;
  out = *number;
  return true;
}

bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, double& out) {
  double number = 0;
  if (const double* real = std::get_if<double>(&node.value()))
    number = *real;
  else if (const std::int64_t* whole = std::get_if<std::int64_t>(&node.value()))
    number = static_cast<double>(*whole);
  else
    return wrong_kind(node, key, "a number", diagnostics);
  if (!std::isfinite(number)) {
    diagnostics.add(node.origin(), key, fmt::format("is {}, but must be a finite number", number));
    return false;
  }
  if (!check_range(node, key, rules, FieldType::number, number, diagnostics)) return false;
  out = number;
  return true;
}

bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, Nanoseconds& out) {
  const std::string* text = node.text();
  if (!text) return wrong_kind(node, key, "a duration like \"5s\"", diagnostics);
  const Result<Nanoseconds> duration = parse_duration(*text);
  if (!duration) return wrong_text(node, key, duration.error(), diagnostics);
  const auto ns = static_cast<double>(duration->count());
  if (!check_range(node, key, rules, FieldType::duration, ns, diagnostics)) return false;
  out = *duration;
  return true;
}

bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, ByteSize& out) {
  const std::string* text = node.text();
  if (!text) return wrong_kind(node, key, "a size like \"20MB\"", diagnostics);
  const Result<std::uint64_t> size = parse_size(*text);
  if (!size) return wrong_text(node, key, size.error(), diagnostics);
  if (!check_range(node, key, rules, FieldType::size, static_cast<double>(*size), diagnostics)) return false;
  out.bytes = *size;
  return true;
}

bool read(const Node& node, const std::string& key, const Rules&, Diagnostics& diagnostics, Component& out) {
  if (!node.table()) return wrong_kind(node, key, "a table like { kind = \"…\" }", diagnostics);
  const Node* kind = node.find("kind");
  if (!kind) return missing(node, path_of(key, "kind"), "it decides which other keys there are", diagnostics);
  if (!kind->text()) return wrong_kind(*kind, path_of(key, "kind"), "a string", diagnostics);
  out.table = node;
  return true;
}

bool read_choice(const Node& node, const std::string& key, std::span<const std::string_view> names,
                 Diagnostics& diagnostics, std::size_t& out) {
  const std::vector<std::string> known(names.begin(), names.end());
  const std::string* text = node.text();
  if (!text) return wrong_kind(node, key, fmt::format("one of \"{}\"", join(known, "\", \"")), diagnostics);
  const auto found = std::ranges::find(known, *text);
  if (found != known.end()) {
    out = static_cast<std::size_t>(found - known.begin());
    return true;
  }
  diagnostics.add(node.origin(), key, fmt::format("'{}' is not one of {}", printable(*text, 40), join(known, ", ")),
                  nearest(*text, known) ? suggest(*text, known) : "");
  return false;
}

bool check_count(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics) {
  return check_range(node, key, rules, FieldType::list, static_cast<double>(node.array()->size()), diagnostics);
}

bool check_step(const Node& node, const std::string& key, Nanoseconds value, Nanoseconds step,
                Diagnostics& diagnostics) {
  if (value % step == Nanoseconds::zero()) return true;
  diagnostics.add(node.origin(), key,
                  fmt::format("is {}, but must be a multiple of {}", duration_text(value), duration_text(step)));
  return false;
}

void report_unknown(const Node& table, const std::string& path, std::span<const std::string> known,
                    Diagnostics& diagnostics) {
  std::vector<std::string> unset(known.begin(), known.end());  // a key that stands there already was hardly meant
  std::erase_if(unset, [&](const std::string& key) { return table.find(key) != nullptr; });
  for (const Entry& entry : *table.table()) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    diagnostics.add(entry.origin, path_of(path, printable(entry.key, 60)), "unknown key",
                    nearest(entry.key, unset) ? suggest(entry.key, unset) : suggest(entry.key, known));
  }
}

std::string path_of(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

std::string element_path(const std::string& path, const Node& element, std::size_t index) {
  const Node* name = element.find("name");
  if (name && name->text() && !name->text()->empty()) return path_of(path, printable(*name->text(), 60));
  return fmt::format("{}[{}]", path, index + 1);
}

Node write(const std::string& value) {
  return Node{value};
}

Node write(bool value) {
  return Node{value};
}

Node write(std::int64_t value) {
  return Node{value};
}

Node write(double value) {
  return Node{value};
}

Node write(float value) {
  return Node{std::stod(fmt::format("{}", value))};
}

Node write(Nanoseconds value) {
  return Node{duration_text(value)};
}

Node write(const ByteSize& value) {
  return Node{size_text(value.bytes)};
}

Node write(const Component& value) {
  return value.table;
}

}  // namespace detail

}  // namespace perch::config
