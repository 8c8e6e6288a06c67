#include "train/child.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"

namespace perch::cli {

namespace {

constexpr int kSignalBase = 128;

std::atomic<pid_t> running_child = 0;

void pass_on(int signal) {
  if (const pid_t child = running_child; child > 0) ::kill(child, signal);
}

/// Passes signals on for as long as it lives.
class SignalsPassedOn {
 public:
  SignalsPassedOn() {
    struct sigaction action{};
    action.sa_handler = pass_on;
    ::sigaction(SIGINT, &action, &interrupt_);
    ::sigaction(SIGTERM, &action, &terminate_);
  }

  ~SignalsPassedOn() {
    running_child = 0;
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
  }

  SignalsPassedOn(const SignalsPassedOn&) = delete;
  SignalsPassedOn& operator=(const SignalsPassedOn&) = delete;

 private:
  struct sigaction interrupt_{}, terminate_{};
};

/// @returns 0, or the errno of what stopped it
int spawn(const std::vector<std::string>& command, int out, pid_t& pid) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  const int error = ::posix_spawn(&pid, arguments.front(), &files, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return error;
}

void read_lines(const Descriptor& from, const std::function<void(std::string_view)>& on_line) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      on_line(std::string_view(text).substr(begin, end - begin));
    text.erase(0, begin);
  }
  if (!text.empty()) on_line(text);
}

}  // namespace

Result<int> run_child(const std::vector<std::string>& command, const std::function<void(std::string_view)>& on_line) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(file_error("make a pipe for", command.front(), errno));
  const Descriptor from(ends[0]);
  const SignalsPassedOn signals;
  pid_t pid = 0;
  {
    const Descriptor to(ends[1]);
    if (const int error = spawn(command, to.get(), pid); error != 0)
      return fail(file_error("start", command.front(), error));
    running_child = pid;
  }
  read_lines(from, on_line);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
}

void let_openmp_sleep() {
  ::setenv("OMP_WAIT_POLICY", "passive", 0);
}

}  // namespace perch::cli
