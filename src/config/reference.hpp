#pragma once
#include <string>
#include <string_view>

#include "config/field_spec.hpp"

namespace perch::config {

/// A table as Markdown: one row a key (type, default, limits, what it is for), then a subsection for each nested table.
/// @param path   what the table is called in the file: "camera.task"; empty for the file itself
/// @param level  of the subsections' headings: 3 is `###`
std::string reference_text(const TableSpec& table, std::string_view path, int level);

}  // namespace perch::config
