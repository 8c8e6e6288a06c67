#include "config/schema.hpp"

#include <limits>
#include <set>

#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"

namespace perch::config {

namespace {

class Schema {
 public:
  explicit Schema(const Catalogue& catalogue) : catalogue_(catalogue) {}

  std::string write(const TableSpec& table, std::string_view title) {
    json_.begin_object();
    pair("$schema", "https://json-schema.org/draft/2020-12/schema");
    pair("title", title);
    members(table, {});
    definitions();
    json_.end_object();
    return json_.text();
  }

 private:
  void pair(std::string_view key, std::string_view text) { json_.key(key).string(text); }

  /// The rest of an object's schema. A component's also has its `kind`.
  void members(const TableSpec& table, std::string_view kind) {
    pair("type", "object");
    json_.key("properties").begin_object();
    if (!kind.empty()) {
      json_.key("kind").begin_object();
      pair("const", kind);
      json_.end_object();
    }
    for (const FieldSpec& field : table) {
      json_.key(field.name).begin_object();
      describe(field);
      type(field);
      if (!std::holds_alternative<std::monostate>(field.default_value.value())) {
        json_.key("default");
        value(field.default_value);
      }
      json_.end_object();
    }
    json_.end_object();
    required(table, kind);
    json_.key("additionalProperties").boolean(false);
  }

  void required(const TableSpec& table, std::string_view kind) {
    std::vector<std::string_view> names;
    if (!kind.empty()) names.emplace_back("kind");
    for (const FieldSpec& field : table)
      if (field.required) names.push_back(field.name);
    if (names.empty()) return;
    json_.key("required").begin_array();
    for (const std::string_view name : names) json_.string(name);
    json_.end_array();
  }

  void describe(const FieldSpec& field) {
    std::string text = field.help;
    const bool quantity = field.type == FieldType::duration || field.type == FieldType::size;
    const std::string more = quantity ? limits_text(field) : field.unit;
    if (!more.empty()) text += text.empty() ? more : fmt::format(" ({})", more);
    if (!text.empty()) pair("description", text);
  }

  void limits(const FieldSpec& field, std::string_view min, std::string_view max) {
    if (field.min) json_.key(min).number(*field.min, kDecimals);
    if (field.max) json_.key(max).number(*field.max, kDecimals);
  }

  void type(const FieldSpec& field) {
    switch (field.type) {
      case FieldType::string:
        pair("type", "string");
        if (!field.pattern.empty()) pair("pattern", field.pattern);
        limits(field, "minLength", "maxLength");
        break;
      case FieldType::integer:
        pair("type", "integer");
        limits(field, "minimum", "maximum");
        break;
      case FieldType::number:
        pair("type", "number");
        limits(field, "minimum", "maximum");
        break;
      case FieldType::boolean:
        pair("type", "boolean");
        break;
      case FieldType::duration:
        pair("type", "string");
        pair("pattern", kDurationPattern);
        break;
      case FieldType::size:
        pair("type", "string");
        pair("pattern", kSizePattern);
        break;
      case FieldType::choice:
        json_.key("enum").begin_array();
        for (const std::string& choice : field.choices) json_.string(choice);
        json_.end_array();
        break;
      case FieldType::list:
        pair("type", "array");
        limits(field, "minItems", "maxItems");
        json_.key("items").begin_object();
        type(field.nested.front());
        json_.end_object();
        break;
      case FieldType::table:
        members(field.nested, {});
        break;
      case FieldType::component:
        categories_.insert(field.category);
        pair("$ref", "#/$defs/" + field.category);
        break;
    }
  }

  /// Every category that was referred to, and those that its components refer to in turn.
  void definitions() {
    if (categories_.empty()) return;
    json_.key("$defs").begin_object();
    std::set<std::string> written;
    for (auto next = categories_.begin(); next != categories_.end();) {
      const std::string category = *next;
      definition(category, catalogue_(category));
      written.insert(category);
      next = std::ranges::find_if(categories_, [&](const std::string& other) { return !written.contains(other); });
    }
    json_.end_object();
  }

  void definition(const std::string& category, const std::vector<ComponentSpec>& kinds) {
    json_.key(category).begin_object();
    if (kinds.empty()) {
      pair("description", fmt::format("this program has no {}", category));
      json_.key("not").begin_object().end_object();
    } else {
      json_.key("oneOf").begin_array();
      for (const ComponentSpec& spec : kinds) {
        json_.begin_object();
        pair("$ref", fmt::format("#/$defs/{}.{}", category, spec.kind));
        json_.end_object();
      }
      json_.end_array();
    }
    json_.end_object();
    for (const ComponentSpec& spec : kinds) {
      json_.key(fmt::format("{}.{}", category, spec.kind)).begin_object();
      pair("title", spec.kind);
      if (!spec.help.empty()) pair("description", spec.help);
      members(spec.fields, spec.kind);
      json_.end_object();
    }
  }

  void value(const Node& node) {
    struct Visitor {
      Schema& schema;

      void operator()(std::monostate) const { schema.json_.null(); }

      void operator()(bool flag) const { schema.json_.boolean(flag); }

      void operator()(std::int64_t number) const { schema.json_.integer(number); }

      void operator()(double number) const { schema.json_.number(number, kDecimals); }

      void operator()(const std::string& text) const { schema.json_.string(text); }

      void operator()(const Array& array) const {
        schema.json_.begin_array();
        for (const Node& element : array) schema.value(element);
        schema.json_.end_array();
      }

      void operator()(const Table& table) const {
        schema.json_.begin_object();
        for (const Entry& entry : table) {
          schema.json_.key(entry.key);
          schema.value(entry.value);
        }
        schema.json_.end_object();
      }
    };

    std::visit(Visitor{*this}, node.value());
  }

  static constexpr int kDecimals = 9;
  const Catalogue& catalogue_;
  std::set<std::string> categories_;
  json::Writer json_{2};
};

}  // namespace

std::string json_schema(const TableSpec& table, std::string_view title, const Catalogue& catalogue) {
  return Schema(catalogue).write(table, title);
}

}  // namespace perch::config
