#pragma once
#include <filesystem>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

/// The files that a file of readings was rotated into: `readings.jsonl` → `readings-20261121T021324.118Z.jsonl`.
namespace perch::sink::file {

/// Those that are there, the oldest first. None when their folder cannot be read. @thread any, blocks
std::vector<std::filesystem::path> list_rotated(const std::filesystem::path& path);

/// The name for the next one: of this time, but later than that of any other, so that names sort in the order of what
/// is in them even when the clock was set back. @thread any, blocks
std::filesystem::path next_rotated(const std::filesystem::path& path, UtcTime now);

/// Removes the oldest beyond `keep`; those that cannot be removed stay, and a line in the log says so.
/// @thread any, blocks
void remove_rotated(const std::filesystem::path& path, int keep);

}  // namespace perch::sink::file
