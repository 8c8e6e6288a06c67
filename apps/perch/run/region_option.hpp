#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace perch::cli {

/// What `--regions` asks for: fixed regions, or the findings of another model.
struct RegionOption {
  std::vector<std::vector<double>> fixed;  ///< 4 numbers (x, y, width, height) or 8 (four corners) each, in px
  std::string model;                       ///< another model's name or file; empty with fixed regions
  std::vector<std::string> labels;         ///< of the other model's findings; empty for all
};

/// Reads `--regions`: `[[x, y, width, height], …]` as in a configuration, `@FILE` with the same in a file, or
/// `MODEL:label,label`. Errors: invalid, with the three forms; not_found. @thread any, blocks
Result<RegionOption> parse_region_option(std::string_view text);

}  // namespace perch::cli
