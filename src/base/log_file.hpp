#pragma once
#include <filesystem>

#include "base/result.hpp"

namespace perch::log {

/// Appends the log to a file from now on, instead of standard error: for programs that own the terminal.
/// Errors: io (it cannot be written). @thread any, while nobody logs
Result<void> to_file(const std::filesystem::path& file);

}  // namespace perch::log
