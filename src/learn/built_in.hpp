#pragma once
#include <string_view>

namespace perch::learn {

/// models/catalogue.toml. Generated.
std::string_view built_in_catalogue_text();

}  // namespace perch::learn
