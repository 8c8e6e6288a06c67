#include "command.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>

#include <fmt/format.h>

#include "base/file.hpp"

namespace perch::cli {

int unusable(std::string_view command, const Error& error) {
  fmt::print(stderr, "perch {}: {}\n", command, error.message());
  return kUnusable;
}

Result<void> flush_output() {
  static int reason = 0;  // of the first failure: later ones may find nothing left to write
  errno = 0;
  std::cout.flush();
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || std::cout.fail();
  if (!failed) return {};
  if (reason == 0) reason = errno != 0 ? errno : EIO;
  return fail(file_error("write", "standard output", reason));
}

Result<void> print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  return flush_output();
}

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

const std::atomic<bool>& watch_ctrl_c() {
  static std::atomic<bool> pressed = false;
  static_assert(std::atomic<bool>::is_always_lock_free);
  for (const int number : {SIGINT, SIGTERM})
    std::signal(number, [](int) {
      pressed = true;
      for (const int again : {SIGINT, SIGTERM}) std::signal(again, SIG_DFL);  // it does not wait for what is being read
    });
  return pressed;
}

}  // namespace perch::cli
