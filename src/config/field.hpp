#pragma once
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "config/field_spec.hpp"
#include "config/field_value.hpp"
#include "config/node.hpp"

/// Field tables: a component's configuration described once. From a table come parsing, validation and its messages,
/// JSON Schema, the form on the page and the reference page. Known are strings (and types written as strings of a
/// certain form), numbers, booleans, durations, sizes, enums, lists of these, nested tables and components; it is not a
/// serialisation framework.
namespace perch::config {

/// One field: its name in the file and its member; the member's initialiser is its default.
template <class Owner, class T, class Nested = detail::NoFields>
class Field {
 public:
  constexpr Field(std::string_view name, T Owner::* member, Nested nested = {})
      : name_(name),
        member_(member),
        nested_(nested) {}

  /// The file must set it.
  constexpr Field required() const {
    return with([](Field& f) { f.required_ = true; });
  }

  /// What it is for, in a few words that a form can show.
  constexpr Field help(std::string_view text) const {
    return with([&](Field& f) { f.help_ = text; });
  }

  /// The unit of a plain number: "px", "°C".
  constexpr Field unit(std::string_view text) const {
    return with([&](Field& f) { f.unit_ = text; });
  }

  /// Which components may stand here: "source", "decoder", "analysis" or "sink".
  constexpr Field category(std::string_view text) const {
    return with([&](Field& f) { f.category_ = text; });
  }

  /// Smallest and largest value allowed; for a string its bytes, for a list the number of entries.
  template <class L, class H>
  constexpr Field range(L low, H high) const {
    return with([&](Field& f) { f.rules_ = {detail::as_limit(low), detail::as_limit(high)}; });
  }

  template <class L>
  constexpr Field at_least(L low) const {
    return with([&](Field& f) { f.rules_.min = detail::as_limit(low); });
  }

  std::string_view name() const { return name_; }

  FieldSpec spec(const Owner& defaults) const {
    FieldSpec spec = detail::spec_of<T>(nested_, defaults.*member_);
    spec.name = name_;
    spec.help = help_;
    spec.unit = unit_;
    spec.required = required_;
    (spec.type == FieldType::list ? spec.nested.front() : spec).category = category_;
    if (rules_.min > -std::numeric_limits<double>::infinity()) spec.min = rules_.min;
    if (rules_.max < std::numeric_limits<double>::infinity()) spec.max = rules_.max;
    if (!required_ && spec.type != FieldType::table && spec.type != FieldType::component) {
      spec.default_value = detail::write_value(defaults.*member_, defaults.*member_, nested_);
      if (const std::string* text = spec.default_value.text(); text && text->empty()) spec.default_value = {};
    }
    return spec;
  }

  bool read(const Node& table, const std::string& path, Diagnostics& diagnostics, Owner& out) const {
    const std::string key = detail::path_of(path, name_);
    const Node* node = table.find(name_);
    if (node) return detail::read_value(*node, key, rules_, nested_, diagnostics, out.*member_);
    return !required_ || detail::missing(table, key, help_, diagnostics);
  }

  /// Writes the member into `table` unless it has its default.
  void write(const Owner& value, const Owner& defaults, Node& table) const {
    Node node = detail::write_value(value.*member_, defaults.*member_, nested_);
    if (std::holds_alternative<std::monostate>(node.value())) return;
    if (required_ || node != detail::write_value(defaults.*member_, defaults.*member_, nested_))
      table.set(name_, std::move(node));
  }

 private:
  template <class F>
  constexpr Field with(F change) const {
    Field copy = *this;
    change(copy);
    return copy;
  }

  std::string_view name_;
  T Owner::* member_;
  Nested nested_;
  std::string_view help_, unit_, category_;
  detail::Rules rules_;
  bool required_ = false;
};

template <class Owner, class T>
constexpr auto field(std::string_view name, T Owner::* member) {
  return Field<Owner, T>(name, member);
}

/// A nested table, or a list of them, described by a table of its own.
template <class Owner, class T, class Nested>
constexpr auto field(std::string_view name, T Owner::* member, const Nested& nested) {
  return Field<Owner, T, Nested>(name, member, nested);
}

/// The description of `Config`. Make one with `fields<Config>(…)`.
template <class Config, class... F>
class FieldTable {
 public:
  using Type = Config;

  constexpr explicit FieldTable(F... list) : fields_(list...) {}

  TableSpec spec(const Config& defaults = {}) const {
    return std::apply([&](const auto&... f) { return TableSpec{f.spec(defaults)...}; }, fields_);
  }

  /// Fills `out` from a table and reports everything that is wrong with it: missing and unknown keys, wrong kinds,
  /// values out of range. `extra` names keys that others read from the same table.
  /// @returns whether nothing was wrong
  bool read(const Node& node, const std::string& path, Diagnostics& diagnostics, Config& out,
            std::span<const std::string> extra = {}) const {
    if (!node.table()) return detail::wrong_kind(node, path, "a table", diagnostics);
    const std::size_t before = diagnostics.list().size();
    std::vector<std::string> known(extra.begin(), extra.end());
    std::apply(
        [&](const auto&... f) {
          (known.emplace_back(f.name()), ...);
          (static_cast<void>(f.read(node, path, diagnostics, out)), ...);
        },
        fields_);
    detail::report_unknown(node, path, known, diagnostics);
    return diagnostics.list().size() == before;
  }

  /// The table that `read` would give this value for: what is not at its default.
  Node write(const Config& value, const Config& defaults = {}) const {
    Node table{Table{}};
    std::apply([&](const auto&... f) { (f.write(value, defaults, table), ...); }, fields_);
    return table;
  }

 private:
  std::tuple<F...> fields_;
};

/// `constexpr auto kFields = fields<Config>(field("url", &Config::url).required(), …);`
template <class Config, class... F>
constexpr auto fields(F... list) {
  return FieldTable<Config, F...>(list...);
}

}  // namespace perch::config
