#include "base/log.hpp"

#include <cstdio>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/text.hpp"

namespace plog = perch::log;

namespace {

/// What is written to standard error while `run` runs.
template <class Run>
std::string standard_error_of(Run run) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file);
  std::fflush(stderr);
  const int kept = ::dup(STDERR_FILENO);
  ::dup2(::fileno(file), STDERR_FILENO);
  run();
  std::fflush(stderr);
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  const auto size = static_cast<std::size_t>(::lseek(::fileno(file), 0, SEEK_END));
  std::string text(size, '\0');
  ::lseek(::fileno(file), 0, SEEK_SET);
  CHECK(::read(::fileno(file), text.data(), size) == static_cast<ssize_t>(size));
  std::fclose(file);
  return text;
}

}  // namespace

TEST_CASE("a log line has its time, its level and its text, and levels below the set one are dropped") {
  const std::string text = standard_error_of([] {
    plog::set_level(plog::Level::warning);
    plog::info("not this {}", 1);
    plog::warning("but {}", "this");
    plog::set_level(plog::Level::info);
  });
  CHECK(text.size() == std::string("2026-11-21T02:13:24.118Z warning but this\n").size());
  CHECK(text.substr(24) == " warning but this\n");
  CHECK(perch::parse_utc(text.substr(0, 24)));
}

TEST_CASE("lines of several threads are not mixed") {
  const std::string text = standard_error_of([] {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i)
      writers.emplace_back([] {
        for (int line = 0; line < 200; ++line) plog::info("a line that says {}", std::string(40, 'x'));
      });
  });
  const std::vector<std::string> lines = perch::split(text, '\n');
  REQUIRE(lines.size() == 801);
  for (std::size_t i = 0; i < 800; ++i) CHECK(lines[i].substr(24) == " info a line that says " + std::string(40, 'x'));
}
