#pragma once
#include <string>
#include <string_view>

#include "config/field_spec.hpp"

namespace perch::config {

/// The JSON Schema (draft 2020-12) of a table, indented: what an editor completes and checks a file with.
///
/// Each category of components becomes a definition that is one of its kinds; what a schema cannot say (the limits of
/// durations and sizes, references between tables) stands in descriptions and is left to the reader of the file.
/// @param title      what the file is: "perch.toml"
/// @param catalogue  the components that there are; called once for each category that occurs
std::string json_schema(const TableSpec& table, std::string_view title, const Catalogue& catalogue);

}  // namespace perch::config
