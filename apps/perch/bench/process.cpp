#include "bench/process.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace perch::bench {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds kPause = 2ms;  ///< between looks at whether a child has ended
constexpr std::size_t kMostProcBytes = 65'536;

tl::unexpected<Error> system_error(std::string_view what) {
  return fail(Errc::io, fmt::format("{}: {}", what, std::strerror(errno)));
}

/// The number of a line like `VmRSS:     1234 kB`, in bytes; 0 when there is none.
std::size_t kilobytes_of(std::string_view status, std::string_view key) {
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return 0;
  const std::string_view text = trim(status.substr(at + key.size(), status.find('\n', at) - at - key.size()));
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value * 1024;
}

/// What the child does between fork and exec: nothing that could need a lock.
[[noreturn]] void become(char* const* arguments, int in, int out, int err, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  if (err >= 0) ::dup2(err, STDERR_FILENO);
  ::execv("/proc/self/exe", arguments);
  ::_exit(127);
}

}  // namespace

Result<ProcessUse> parse_process_use(std::string_view stat, std::string_view status, long ticks_a_second) {
  constexpr std::size_t kUserTime = 11;  // fields after the name, which may hold anything
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return fail(Errc::invalid, "no process");
  const std::vector<std::string> fields = split(trim(stat.substr(name_end + 1)), ' ');
  if (fields.size() < kUserTime + 2) return fail(Errc::invalid, "no process");
  double ticks = 0;
  for (std::size_t i = kUserTime; i < kUserTime + 2; ++i) {
    std::uint64_t value = 0;
    const char* end = fields[i].data() + fields[i].size();
    if (std::from_chars(fields[i].data(), end, value).ptr != end) return fail(Errc::invalid, "no time of a process");
    ticks += static_cast<double>(value);
  }
  return ProcessUse{Seconds(ticks / static_cast<double>(ticks_a_second)), kilobytes_of(status, "VmRSS:"),
                    kilobytes_of(status, "VmHWM:")};
}

Result<Child> Child::start(const std::vector<std::string>& arguments, const Streams& streams) {
  std::string program = "perch";
  std::vector<std::string> words = arguments;
  std::vector<char*> list{program.data()};
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);

  std::array<int, 2> in{-1, -1}, out{-1, -1};
  int err = -1;
  if (streams.talk) {
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) return system_error("no pipe");
  } else {
    in[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    out[1] = err = ::open(streams.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (err < 0) return system_error("cannot write " + streams.log.string());
  }
  Child child;
  child.in_ = in[1];
  child.out_ = out[0];
  const pid_t self = ::getpid();
  child.started_ = std::chrono::steady_clock::now();
  child.pid_ = ::fork();
  if (child.pid_ == 0) become(list.data(), in[0], out[1], err, self);
  ::close(in[0]);
  ::close(out[1]);
  if (child.pid_ < 0) return system_error("cannot start a process");
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      heard_(std::move(other.heard_)),
      started_(other.started_) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(in_, other.in_);
  std::swap(out_, other.out_);
  std::swap(heard_, other.heard_);
  std::swap(started_, other.started_);
  return *this;
}

Child::~Child() {
  stop(0ms);
  for (const int fd : {in_, out_})
    if (fd >= 0) ::close(fd);
}

Result<void> Child::say(std::string_view line) const {
  const std::string text = std::string(line) + '\n';
  if (::write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return system_error("cannot speak to a process");
  return {};
}

Result<std::string> Child::hear(Milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (const std::size_t at = heard_.find('\n'); at != std::string::npos) {
      std::string line = heard_.substr(0, at);
      heard_.erase(0, at + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<Milliseconds>(end - std::chrono::steady_clock::now());
    pollfd waiting{out_, POLLIN, 0};
    if (left < 0ms || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0)
      return fail(Errc::timeout, "a process does not answer");
    std::array<char, 1024> chunk{};
    const ssize_t got = ::read(out_, chunk.data(), chunk.size());
    if (got <= 0) return fail(Errc::eof, "a process has ended");
    heard_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

Result<std::uint16_t> Child::hear_port(Milliseconds patience) {
  PERCH_TRY(const std::string line, hear(patience));
  constexpr std::string_view kPort = "port ";
  const char* const end = line.data() + line.size();
  std::uint16_t port = 0;
  if (!line.starts_with(kPort) || std::from_chars(line.data() + kPort.size(), end, port).ptr != end)
    return fail(Errc::invalid, fmt::format("a process names no port: {}", printable(line)));
  return port;
}

bool Child::wait(Milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (pid_ < 0) return true;
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
      pid_ = -1;
      return true;
    }
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kPause);
  }
}

bool Child::running() {
  return !wait(0ms);
}

void Child::stop(Milliseconds patience) {
  if (pid_ < 0) return;
  if (patience > 0ms) {
    ::kill(pid_, SIGTERM);
    if (wait(patience)) return;
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Result<ProcessUse> Child::use() const {
  const std::string folder = fmt::format("/proc/{}/", pid_);
  PERCH_TRY(const Bytes stat, read_file(folder + "stat", kMostProcBytes));
  PERCH_TRY(const Bytes status, read_file(folder + "status", kMostProcBytes));
  PERCH_TRY(ProcessUse use, parse_process_use(as_text(stat), as_text(status), ::sysconf(_SC_CLK_TCK)));
  std::error_code ignored;
  for (std::filesystem::directory_iterator at(folder + "fd", ignored), end; at != end; at.increment(ignored))
    ++use.descriptors;
  return use;
}

}  // namespace perch::bench
