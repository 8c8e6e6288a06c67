#include "journal/record_json.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "journal/json_document_impl.hpp"

namespace perch::journal {

namespace {

namespace bj = boost::json;

constexpr std::size_t kMostDepth = 8;

Result<void> take(const bj::object& from, const std::string& prefix, Record& record) {
  for (const auto& [key, value] : from) {
    std::string name = prefix + std::string(key);
    if (const auto* inner = value.if_object()) {
      PERCH_CHECK(take(*inner, name + ".", record));
    } else if (const auto* whole = value.if_int64()) {
      record.fields.emplace_back(std::move(name), *whole);
    } else if (value.is_number()) {
      record.fields.emplace_back(std::move(name), value.to_number<double>());
    } else if (const auto* flag = value.if_bool()) {
      record.fields.emplace_back(std::move(name), *flag);
    } else if (const auto* text = value.if_string()) {
      record.fields.emplace_back(std::move(name), std::string(*text));
    } else if (value.is_array()) {
      return fail(Errc::invalid, fmt::format("'{}' is a list, no signal", printable(name, 60)));
    }
  }
  return {};
}

}  // namespace

Result<Record> record_from_json(std::string_view text) {
  PERCH_TRY(const bj::value document, parse_document(text, kMostDepth));
  const auto* object = document.if_object();
  if (object == nullptr) return fail(Errc::invalid, "is no JSON object", {}, "a record is {\"signal\": value, …}");
  Record record;
  PERCH_CHECK(take(*object, {}, record));
  return record;
}

}  // namespace perch::journal
