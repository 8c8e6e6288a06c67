#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/field_spec.hpp"
#include "config/node.hpp"

/// The types that fields can have. What each of them accepts, how it is written, and what it says when it is wrong.
namespace perch::config {

/// A number of bytes; written as "20MB".
struct ByteSize {
  std::uint64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;
};

/// A table whose fields depend on its `kind`: `source = { kind = "http", … }`. Kept as written; the registry reads it.
struct Component {
  Node table;
  /// The value of `kind`, or empty.
  std::string kind() const;
  bool operator==(const Component&) const = default;
};

/// Names of an enum whose values count from 0: specialise with
/// `static constexpr std::array<std::string_view, N> names`.
template <class E>
struct EnumNames;

template <class E>
  requires std::is_enum_v<E>
constexpr std::string_view enum_name(E value) {
  return EnumNames<E>::names[static_cast<std::size_t>(value)];
}

/// A type that is written as a string of a certain form (a name, an address, a policy): specialise with
/// `static Result<T> parse(std::string_view)`, whose error's `what` and `remedy` become the message;
/// `static std::string format(const T&)`; and `static constexpr std::string_view kPattern`, a regular expression.
template <class T>
struct TextForm;

namespace detail {

struct Rules {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

// One reader for each known type. Each reports what is wrong at the node's origin under `key`, and then returns false.
bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, std::string& out);
bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, bool& out);
bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, std::int64_t& out);
bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, double& out);
bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, Nanoseconds& out);
bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, ByteSize& out);
bool read(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics, Component& out);
/// Reads one of `names` and gives its place.
bool read_choice(const Node& node, const std::string& key, std::span<const std::string_view> names,
                 Diagnostics& diagnostics, std::size_t& out);
bool check_count(const Node& node, const std::string& key, const Rules& rules, Diagnostics& diagnostics);
/// A duration that is to be kept in whole `step`s.
bool check_step(const Node& node, const std::string& key, Nanoseconds value, Nanoseconds step,
                Diagnostics& diagnostics);

// Reports; all return false.
bool wrong_kind(const Node& node, const std::string& key, std::string_view wanted, Diagnostics& diagnostics);
bool wrong_text(const Node& node, const std::string& key, const Error& error, Diagnostics& diagnostics);
bool missing(const Node& table, const std::string& key, std::string_view help, Diagnostics& diagnostics);

/// Reports every key of the table that is not among the known ones, with the nearest.
void report_unknown(const Node& table, const std::string& path, std::span<const std::string> known,
                    Diagnostics& diagnostics);
std::string path_of(const std::string& path, std::string_view name);
/// The name that a list's element is called by in messages: its `name` entry, else its place from 1.
std::string element_path(const std::string& path, const Node& element, std::size_t index);

Node write(const std::string& value);
Node write(bool value);
Node write(std::int64_t value);
Node write(double value);
/// The shortest decimal number that is this float: 0.4, not 0.4000000059604645.
Node write(float value);
Node write(Nanoseconds value);
Node write(const ByteSize& value);
Node write(const Component& value);

template <class T>
struct IsVector : std::false_type {};

template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
struct IsOptional : std::false_type {};

template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
concept Duration =
    requires { typename T::period; } && std::same_as<T, std::chrono::duration<typename T::rep, typename T::period>>;
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept Text = requires(std::string_view text, const T& value) {
  { TextForm<T>::parse(text) } -> std::same_as<Result<T>>;
  { TextForm<T>::format(value) } -> std::same_as<std::string>;
  { TextForm<T>::kPattern } -> std::convertible_to<std::string_view>;
};

constexpr double as_limit(Duration auto value) {
  return static_cast<double>(std::chrono::duration_cast<Nanoseconds>(value).count());
}

constexpr double as_limit(ByteSize value) {
  return static_cast<double>(value.bytes);
}

constexpr double as_limit(double value) {
  return value;
}

constexpr double as_limit(Integer auto value) {
  return static_cast<double>(value);
}

/// Stands where a field has no nested table.
struct NoFields {};

template <class Nested>
concept Fields = !std::same_as<Nested, NoFields>;

template <class T, class Nested>
FieldSpec spec_of(const Nested& nested, const T& defaults) {
  FieldSpec spec;
  if constexpr (IsOptional<T>::value) {
    return spec_of(nested, defaults.value_or(typename T::value_type{}));
  } else if constexpr (IsVector<T>::value) {
    spec.type = FieldType::list;
    spec.nested.push_back(spec_of(nested, typename T::value_type{}));
  } else if constexpr (Fields<Nested>) {
    spec.type = FieldType::table;
    spec.nested = nested.spec(defaults);
  } else if constexpr (Text<T>) {
    spec.type = FieldType::string;
    spec.pattern = TextForm<T>::kPattern;
  } else if constexpr (std::is_enum_v<T>) {
    spec.type = FieldType::choice;
    for (const std::string_view name : EnumNames<T>::names) spec.choices.emplace_back(name);
  } else if constexpr (std::same_as<T, std::string>) {
    spec.type = FieldType::string;
  } else if constexpr (std::same_as<T, bool>) {
    spec.type = FieldType::boolean;
  } else if constexpr (Integer<T>) {
    spec.type = FieldType::integer;
  } else if constexpr (std::floating_point<T>) {
    spec.type = FieldType::number;
  } else if constexpr (Duration<T>) {
    spec.type = FieldType::duration;
  } else if constexpr (std::same_as<T, ByteSize>) {
    spec.type = FieldType::size;
  } else {
    static_assert(std::same_as<T, Component>, "a type that field tables do not know");
    spec.type = FieldType::component;
  }
  return spec;
}

/// Reads a value of any known type. A list keeps an entry for each element, wrong ones too, so that places stay right.
template <class T, class Nested>
bool read_value(const Node& node, const std::string& key, const Rules& rules, const Nested& nested,
                Diagnostics& diagnostics, T& out) {
  if constexpr (IsOptional<T>::value) {
    return read_value(node, key, rules, nested, diagnostics, out.emplace());
  } else if constexpr (IsVector<T>::value) {
    const Array* array = node.array();
    if (!array) return wrong_kind(node, key, "a list", diagnostics);
    bool ok = check_count(node, key, rules, diagnostics);
    out.clear();
    for (std::size_t i = 0; i < array->size(); ++i) {
      typename T::value_type value{};
      ok = read_value((*array)[i], element_path(key, (*array)[i], i), Rules{}, nested, diagnostics, value) && ok;
      out.push_back(std::move(value));
    }
    return ok;
  } else if constexpr (Fields<Nested>) {
    return nested.read(node, key, diagnostics, out);
  } else if constexpr (Text<T>) {
    std::string text;
    if (!read(node, key, Rules{}, diagnostics, text)) return false;
    Result<T> value = TextForm<T>::parse(text);
    if (!value) return wrong_text(node, key, value.error(), diagnostics);
    out = *std::move(value);
    return true;
  } else if constexpr (std::is_enum_v<T>) {
    std::size_t index = 0;
    if (!read_choice(node, key, EnumNames<T>::names, diagnostics, index)) return false;
    out = static_cast<T>(index);
    return true;
  } else if constexpr (Integer<T>) {
    std::int64_t wide = 0;
    Rules narrowed = rules;
    if (!std::in_range<T>(std::numeric_limits<std::int64_t>::min()))
      narrowed.min = std::max(rules.min, static_cast<double>(std::numeric_limits<T>::min()));
    if (!std::in_range<T>(std::numeric_limits<std::int64_t>::max()))
      narrowed.max = std::min(rules.max, static_cast<double>(std::numeric_limits<T>::max()));
    if (!read(node, key, narrowed, diagnostics, wide)) return false;
    out = static_cast<T>(wide);
    return true;
  } else if constexpr (std::floating_point<T>) {
    double wide = 0;
    Rules narrowed = rules;
    narrowed.min = std::max(rules.min, static_cast<double>(std::numeric_limits<T>::lowest()));
    narrowed.max = std::min(rules.max, static_cast<double>(std::numeric_limits<T>::max()));
    if (!read(node, key, narrowed, diagnostics, wide)) return false;
    out = static_cast<T>(wide);
    return true;
  } else if constexpr (Duration<T>) {
    Nanoseconds wide{0};
    if (!read(node, key, rules, diagnostics, wide)) return false;
    if (!check_step(node, key, wide, std::chrono::duration_cast<Nanoseconds>(T{1}), diagnostics)) return false;
    out = std::chrono::duration_cast<T>(wide);
    return true;
  } else {
    return read(node, key, rules, diagnostics, out);
  }
}

template <class T, class Nested>
Node write_value(const T& value, const T& defaults, const Nested& nested) {
  if constexpr (IsOptional<T>::value) {
    return value ? write_value(*value, typename T::value_type{}, nested) : Node{};
  } else if constexpr (IsVector<T>::value) {
    Array array;
    for (const auto& element : value) array.push_back(write_value(element, typename T::value_type{}, nested));
    return Node{std::move(array)};
  } else if constexpr (Fields<Nested>) {
    return nested.write(value, defaults);
  } else if constexpr (Text<T>) {
    return write(TextForm<T>::format(value));
  } else if constexpr (std::is_enum_v<T>) {
    return write(std::string(enum_name(value)));
  } else if constexpr (Integer<T>) {
    return write(static_cast<std::int64_t>(value));
  } else if constexpr (Duration<T>) {
    return write(std::chrono::duration_cast<Nanoseconds>(value));
  } else {
    return write(value);
  }
}

}  // namespace detail

}  // namespace perch::config
