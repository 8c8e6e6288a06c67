#pragma once
#include <string_view>

namespace perch {

/// Whether all of `text` fits `pattern`: `*` stands for any characters or none, `?` for one (of UTF-8), anything else
/// for itself. Takes time of the order of both lengths multiplied. @thread any
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace perch
