#include "support/program.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace perch::test {

namespace {

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) give_up("pipe2 failed");
  return ends;
}

/// Starts a program with these as its output and errors; its process id.
pid_t start(const std::vector<std::string>& command, int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int spawned = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0) give_up("cannot start " + command[0]);
  return child;
}

int status_of(int waited) {
  return WIFEXITED(waited) ? WEXITSTATUS(waited) : 128 + WTERMSIG(waited);
}

}  // namespace

Finished run_program(const std::vector<std::string>& command, int timeout_s) {
  std::array<int, 2> out = make_pipe(), err = make_pipe();
  const pid_t child = start(command, out[1], err[1]);
  ::close(out[1]);
  ::close(err[1]);

  Finished finished;
  std::array<pollfd, 2> streams{pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
  std::array<std::string*, 2> texts{&finished.out, &finished.err};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    if (::poll(streams.data(), streams.size(), timeout_s * 1000) <= 0) {
      ::kill(child, SIGKILL);
      give_up(command[0] + " did not end in time");
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (streams[i].fd < 0 || streams[i].revents == 0) continue;
      std::array<char, 65536> chunk{};
      const ssize_t got = ::read(streams[i].fd, chunk.data(), chunk.size());
      if (got > 0) {
        texts[i]->append(chunk.data(), static_cast<std::size_t>(got));
      } else {
        ::close(streams[i].fd);
        streams[i].fd = -1;
      }
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  finished.status = status_of(status);
  return finished;
}

RunningProgram::RunningProgram(const std::vector<std::string>& command) : command_(command) {
  const std::array<int, 2> out = make_pipe();
  pid_ = start(command, out[1], STDERR_FILENO);
  ::close(out[1]);
  out_ = out[0];
}

RunningProgram::~RunningProgram() {
  kill();
  ::close(out_);
}

std::string RunningProgram::read_line(int timeout_s) {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd stream{out_, POLLIN, 0};
    if (::poll(&stream, 1, timeout_s * 1000) <= 0) give_up(command_[0] + " printed nothing in time");
    std::array<char, 4096> chunk{};
    const ssize_t got = ::read(out_, chunk.data(), chunk.size());
    if (got <= 0) return std::exchange(buffer_, {});
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

void RunningProgram::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

int RunningProgram::wait(int timeout_s) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
  while (!status_) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != 0) {
      status_ = status_of(status);
    } else if (std::chrono::steady_clock::now() > deadline) {
      kill();
      give_up(command_[0] + " did not end in time");
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  return *status_;
}

int RunningProgram::kill() {
  signal(SIGKILL);
  return wait();
}

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "perch-test-XXXXXX").string();
  if (!::mkdtemp(name.data())) give_up("cannot make " + name);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_test_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace perch::test
