#include "config/reference.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::config {

namespace {

/// The fields of a nested table or of a list's tables; nullptr when the field is neither.
const TableSpec* nested_table(const FieldSpec& field) {
  const FieldSpec& inner = field.type == FieldType::list ? field.nested.front() : field;
  return inner.type == FieldType::table ? &inner.nested : nullptr;
}

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string type_text(const FieldSpec& field, bool many = false) {
  const std::string_view s = many ? "s" : "";
  switch (field.type) {
    case FieldType::string:
      return fmt::format("string{}", s);
    case FieldType::integer:
      return fmt::format("whole number{}", s);
    case FieldType::number:
      return fmt::format("number{}", s);
    case FieldType::boolean:
      return "true or false";
    case FieldType::duration:
      return fmt::format("duration{}", s);
    case FieldType::size:
      return fmt::format("size{}", s);
    case FieldType::choice:
      return fmt::format("`\"{}\"`", join(field.choices, "\"`, `\""));
    case FieldType::list:
      return fmt::format("list{} of {}", s, type_text(field.nested.front(), true));
    case FieldType::table:
      return fmt::format("table{}", s);
    case FieldType::component:
      return fmt::format("table{} with a `kind` of {}", s, field.category);
  }
  return {};
}

std::string default_text(const FieldSpec& field) {
  if (field.required) return "**required**";
  if (std::holds_alternative<std::monostate>(field.default_value.value()) || nested_table(field)) return {};
  return fmt::format("`{}`", to_toml(field.default_value));
}

std::string allowed_text(const FieldSpec& field) {
  const std::string limits = limits_text(field);
  const bool in_unit = !limits.empty() && !field.unit.empty() && field.type != FieldType::list;
  return in_unit ? fmt::format("{} {}", limits, field.unit) : limits.empty() ? field.unit : limits;
}

}  // namespace

std::string reference_text(const TableSpec& table, std::string_view path, int level) {
  if (table.empty()) return "No keys.\n";
  std::string text = "| key | type | default | allowed | what it is for |\n|---|---|---|---|---|\n";
  for (const FieldSpec& field : table)
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", field.name, cell(type_text(field)), cell(default_text(field)),
                        cell(allowed_text(field)), cell(field.help));
  for (const FieldSpec& field : table) {
    const TableSpec* nested = nested_table(field);
    if (!nested) continue;
    const std::string name = path.empty() ? field.name : fmt::format("{}.{}", path, field.name);
    text += fmt::format("\n{} `{}`\n\n", std::string(static_cast<std::size_t>(level), '#'),
                        field.type == FieldType::list ? "[[" + name + "]]" : "[" + name + "]");
    if (!field.help.empty()) text += sentence(field.help) + "\n\n";
    text += reference_text(*nested, name, level + 1);
  }
  return text;
}

}  // namespace perch::config
