#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/node.hpp"

namespace perch::scenes {

/// Settings of a scene from `KEY=VALUE` texts, as `config::parse_settings` reads them. Seed and size are not among
/// them: who takes these texts has an option or a key for each.
/// @param place  what the texts were given with: "--set"; empty when the caller names the place
/// Errors: invalid (a text that is no setting). @thread any
Result<config::Node> settings_of(std::span<const std::string> texts, std::string_view place);

}  // namespace perch::scenes
