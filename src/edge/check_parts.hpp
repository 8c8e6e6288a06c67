#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "edge/settings.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"

namespace perch::edge {

/// Adds an error to what is wrong, at an entry of a table; its own `where` becomes part of the reason.
void report(const config::Node& table, const std::string& path, std::string_view key, const Error& error,
            config::Diagnostics& diagnostics);

/// Whether nothing is wrong with the table at `path`, or with anything in it.
bool written_right(const config::Diagnostics& diagnostics, const std::string& path);

/// Adds to what is wrong with the draft what only making its parts can tell: sources, gates and sinks that cannot be
/// made. Nothing is started. Leaves out parts of which something is wrong already.
/// @param folder  what relative paths are relative to; empty: the files are another machine's, and not looked for
/// @returns what each camera gives, as far as that is known, in their order
/// @thread any, blocks
std::vector<std::optional<FrameKind>> check_parts(Draft& draft, const Registry& registry,
                                                  const std::filesystem::path& folder);

}  // namespace perch::edge
