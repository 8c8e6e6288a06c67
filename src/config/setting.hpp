#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/node.hpp"

namespace perch::config {

/// The table that `KEY=VALUE` texts make, as options of commands and lists in files give them. A key may be dotted; a
/// value is TOML, or else text. Later ones win.
/// @param place  the origin of all of it, without line and column: "--set"; empty when the caller names the place
/// Errors: invalid; every text that is no setting, each with its key. @thread any
Result<Node> parse_settings(std::span<const std::string> texts, std::string_view place);

}  // namespace perch::config
