#include "edge/metrics_process.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace perch::edge {

namespace {

/// When the system was started, in seconds since 1970.
double boot_time_s() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word;
    double seconds = 0;
    if (words >> word >> seconds && word == "btime") return seconds;
  }
  return 0;
}

std::uint64_t count_fds() {
  std::error_code failed;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", failed), end; !failed && at != end; at.increment(failed))
    ++count;
  return count > 0 ? count - 1 : 0;  // without the one that is open to count them
}

}  // namespace

ProcessFigures process_figures() {
  static const double boot_s = boot_time_s();
  ProcessFigures figures;
  figures.open_fds = count_fds();

  std::uint64_t pages = 0, resident = 0;
  if (std::ifstream("/proc/self/statm") >> pages >> resident)
    figures.resident_bytes = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));

  // Source: proc_pid_stat(5). The name, in parentheses, may hold anything; fields count from 1.
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return figures;
  std::istringstream words(text.substr(name_end + 1));
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::string word;
  for (int field = 3; words >> word; ++field) {
    if (field == 14 || field == 15) figures.cpu_s += std::strtod(word.c_str(), nullptr) / ticks;
    if (field == 22) figures.started_unix_s = boot_s + std::strtod(word.c_str(), nullptr) / ticks;
  }
  return figures;
}

}  // namespace perch::edge
