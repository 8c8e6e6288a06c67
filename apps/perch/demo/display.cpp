#include "demo/display.hpp"

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "command.hpp"
#include "demo/live_table.hpp"
#include "live_listener.hpp"
#include "net/fetch.hpp"

namespace perch::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kDrawEvery = 250ms;
constexpr std::size_t kUsualColumns = 100;

std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualColumns;
}

}  // namespace

struct Display::Impl {
  explicit Impl(std::string its_title)
      : title(std::move(its_title)),
        is_terminal(::isatty(STDOUT_FILENO) == 1),
        thread([this](const std::stop_token& stop) { run(stop); }) {}

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    if (!news.wait(lock, stop, [this] { return port.has_value(); })) return;
    const std::uint16_t its_port = *port;
    lock.unlock();
    const auto hear = [this](std::string_view message) {
      const std::scoped_lock heard(mutex);
      table.hear(message);
    };
    Result<LiveListener> listener = LiveListener::connect(its_port, hear);
    if (!listener) {
      std::fprintf(stderr, "perch demo: %s\n",
                   listener.error().message().c_str());  // nobody here could catch what is thrown
      return;
    }
    static_cast<void>(print_line(title));
    while (!stop.stop_requested() && listener->state()) {
      learn_cameras(its_port);
      lock.lock();
      is_terminal ? draw() : print();
      news.wait_for(lock, stop, kDrawEvery, [] { return false; });
      lock.unlock();
    }
    listener = fail(Errc::canceled, "ended");  // nothing is heard any more
    lock.lock();
    is_terminal ? draw() : print();
  }

  void learn_cameras(std::uint16_t its_port) {
    {
      const std::scoped_lock lock(mutex);
      if (!table.wants_cameras()) return;
    }
    const Result<Bytes> answer = net::fetch(fmt::format("http://127.0.0.1:{}/api/cameras", its_port));
    if (!answer) return;  // asked again
    const std::scoped_lock lock(mutex);
    table.cameras(as_text(*answer));
  }

  void print() {
    for (const std::string& line : table.take_readings()) static_cast<void>(print_line(line));  // told when it ends
  }

  /// Over the table before.
  void draw() {
    table.take_readings();
    std::string out = drawn > 0 ? fmt::format("\x1b[{}A", drawn) : "";
    const std::vector<std::string> lines = table.lines(terminal_columns());
    for (const std::string& line : lines) out += line + "\x1b[K\n";
    out += fmt::format("{} readings kept\x1b[K\n\x1b[J", table.readings());
    drawn = lines.size() + 1;
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
  }

  std::string title;
  bool is_terminal;
  std::mutex mutex;
  std::condition_variable_any news;
  std::optional<std::uint16_t> port;  ///< guarded by `mutex`, as `table` is
  LiveTable table;
  std::size_t drawn = 0;  ///< lines
  std::jthread thread;    ///< last: it uses what stands before
};

Display::Display(std::string title) : impl_(std::make_unique<Impl>(std::move(title))) {}

Display::~Display() = default;

void Display::begin(std::uint16_t port) {
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->port = port;
  }
  impl_->news.notify_all();
}

}  // namespace perch::cli
