#include "command.hpp"

#include <csignal>
#include <cstdio>

#include <fmt/format.h>

namespace perch::cli {

int unusable(std::string_view command, const Error& error) {
  fmt::print(stderr, "perch {}: {}\n", command, error.message());
  return kUnusable;
}

const std::atomic<bool>& watch_ctrl_c() {
  static std::atomic<bool> pressed = false;
  static_assert(std::atomic<bool>::is_always_lock_free);
  std::signal(SIGINT, [](int) { pressed = true; });
  return pressed;
}

}  // namespace perch::cli
