#pragma once
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string_view>

namespace perch::test {

/// Whether a text has this in it.
inline bool says(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// How many files and sockets this process has open.
inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace perch::test
