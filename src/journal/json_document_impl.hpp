#pragma once
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.hpp"

namespace perch::journal {

/// Parses a JSON text with Boost.JSON, but with every number rounded correctly: the library's own conversion may be off
/// in the last bit (1.81 has no option for it), and a reading's values must come back as they were. Errors: invalid.
Result<boost::json::value> parse_document(std::string_view text, std::size_t most_depth);

}  // namespace perch::journal
