#include <charconv>
#include <exception>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

#include "journal/json_document_impl.hpp"

namespace perch::journal {

namespace {

namespace bj = boost::json;
using Code = boost::system::error_code;

/// Makes values of what the parser meets.
struct Handler {
  static constexpr std::size_t max_object_size = bj::object::max_size();  // NOLINT: names that the parser asks for
  static constexpr std::size_t max_array_size = bj::array::max_size();    // NOLINT
  static constexpr std::size_t max_key_size = bj::string::max_size();     // NOLINT
  static constexpr std::size_t max_string_size = bj::string::max_size();  // NOLINT

  bj::value_stack stack;

  bool on_document_begin(Code&) { return true; }

  bool on_document_end(Code&) { return true; }

  bool on_object_begin(Code&) { return true; }

  bool on_object_end(std::size_t count, Code&) { return stack.push_object(count), true; }

  bool on_array_begin(Code&) { return true; }

  bool on_array_end(std::size_t count, Code&) { return stack.push_array(count), true; }

  bool on_key_part(bj::string_view text, std::size_t, Code&) { return stack.push_chars(text), true; }

  bool on_key(bj::string_view text, std::size_t, Code&) { return stack.push_key(text), true; }

  bool on_string_part(bj::string_view text, std::size_t, Code&) { return stack.push_chars(text), true; }

  bool on_string(bj::string_view text, std::size_t, Code&) { return stack.push_string(text), true; }

  bool on_number_part(bj::string_view, Code&) { return true; }

  bool on_int64(std::int64_t number, bj::string_view, Code&) { return stack.push_int64(number), true; }

  bool on_uint64(std::uint64_t number, bj::string_view, Code&) { return stack.push_uint64(number), true; }

  bool on_double(double rough, bj::string_view text, Code&) {
    double exact = 0;  // the text is whole, because the document is
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, exact);
    stack.push_double(read.ec == std::errc{} && read.ptr == end ? exact : rough);
    return true;
  }

  bool on_bool(bool value, Code&) { return stack.push_bool(value), true; }

  bool on_null(Code&) { return stack.push_null(), true; }

  bool on_comment_part(bj::string_view, Code&) { return true; }

  bool on_comment(bj::string_view, Code&) { return true; }
};

}  // namespace

Result<bj::value> parse_document(std::string_view text, std::size_t most_depth) {
  bj::parse_options options;
  options.max_depth = most_depth;
  try {
    bj::basic_parser<Handler> parser(options);
    parser.handler().stack.reset();
    Code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size()) error = bj::make_error_code(bj::error::extra_data);
    if (error) return fail(Errc::invalid, error.message());
    return parser.handler().stack.release();
  } catch (const std::exception& e) {
    return fail(Errc::full, fmt::format("cannot read JSON: {}", e.what()));
  }
}

}  // namespace perch::journal
