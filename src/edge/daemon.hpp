#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "seam/registry.hpp"

namespace perch::edge {

/// What keeps an edge from starting or from taking up a change, one a line for people.
using Mistakes = std::vector<std::string>;

struct EdgeOptions {
  std::filesystem::path config;               ///< `perch.toml`
  std::optional<std::filesystem::path> data;  ///< overrides the file's `data`
  std::string version;                        ///< of the program
  /// Told the port whenever the interface listens. May be empty. @thread io
  std::function<void(std::uint16_t port)> listening;
};

/// Runs `perch edge` until SIGTERM or SIGINT: watches cameras, journals readings, feeds sinks, answers HTTP, and takes
/// up changes of its configuration (looked for once a second, or at SIGHUP) without a restart.
/// @returns  nothing after a regular end, or everything that kept it from starting. @thread main, blocks
tl::expected<void, Mistakes> run_edge(const EdgeOptions& options, const Registry& registry);

}  // namespace perch::edge
