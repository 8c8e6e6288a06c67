#include "support/running_program.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace perch::test {

namespace {

using Clock = std::chrono::steady_clock;

int status_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

[[noreturn]] void give_up(const std::string& name, const std::string& what, const std::string& output) {
  std::fprintf(stderr, "%s: %s; it printed:\n%s\n", name.c_str(), what.c_str(), output.c_str());
  std::abort();
}

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& command) : name_(command[0]) {
  std::array<int, 2> out{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) give_up(name_, "pipe2 failed", {});
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  const int spawned = ::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  if (spawned != 0) give_up(name_, "cannot be started", {});
  pipe_ = out[0];
}

RunningProgram::~RunningProgram() {
  kill();
  if (pipe_ >= 0) ::close(pipe_);
}

bool RunningProgram::read_more(Clock::time_point deadline) {
  if (pipe_ < 0) return false;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  pollfd stream{pipe_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&stream, 1, static_cast<int>(left.count())) <= 0) return false;
  std::array<char, 65536> chunk{};
  const ssize_t got = ::read(pipe_, chunk.data(), chunk.size());
  if (got <= 0) {
    ::close(pipe_);
    pipe_ = -1;
    return false;
  }
  output_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

std::string RunningProgram::wait_for(const std::string& text, std::chrono::seconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  for (;;) {
    for (std::size_t end = output_.find('\n', searched_); end != std::string::npos;
         end = output_.find('\n', searched_)) {
      std::string line = output_.substr(searched_, end - searched_);
      searched_ = end + 1;
      if (line.find(text) != std::string::npos) return line;
    }
    if (!read_more(deadline)) give_up(name_, "did not print '" + text + "'", output_);
  }
}

void RunningProgram::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

int RunningProgram::wait(std::chrono::seconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  while (read_more(deadline)) {
  }
  if (pipe_ >= 0) give_up(name_, "did not end in time", output_);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return status_of(status);
}

void RunningProgram::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
}

}  // namespace perch::test
