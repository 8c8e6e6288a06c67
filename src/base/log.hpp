#pragma once
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace perch::log {

enum class Level : std::uint8_t { debug, info, warning, error };

/// Sets what is shown; lower levels are dropped. Logs go to standard error, one line each. @thread any
void set_level(Level level);

/// Writes one line. Outside text belongs through `printable()` first. @thread any
void write(Level level, std::string_view line);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace perch::log
