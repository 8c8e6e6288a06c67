#pragma once
#include <string>

#include "seam/registry.hpp"

namespace perch::cli {

/// The whole of docs/reference.md: the keys of `perch.toml`, every component that the registry has, the keys of model
/// cards, and the exit statuses.
std::string reference_page(const Registry& registry);

/// The JSON Schema of `perch.toml` with every component that the registry has, and a line feed.
std::string settings_schema(const Registry& registry);

}  // namespace perch::cli
