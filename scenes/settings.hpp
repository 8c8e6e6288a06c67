#pragma once
#include <span>
#include <string>

#include "base/result.hpp"
#include "config/node.hpp"

namespace perch::scenes {

/// Settings of a scene from `KEY=VALUE` texts, as commands and configurations take them: the value is TOML, or else
/// text. Later ones win. Seed and size are not among them: who takes these texts has an option or a key for each.
/// Errors: invalid (a text that is no setting). @thread any
Result<config::Node> settings_of(std::span<const std::string> texts);

}  // namespace perch::scenes
