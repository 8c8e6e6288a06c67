// fetch_bench: what fetching one JPEG over loopback costs the io thread, in CPU time, with 16 and 200 cameras asked at
// once, each again as soon as it has answered. The cameras run in a process of their own.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/camera_server.hpp"
#include "net/http_client.hpp"

using namespace perch;
namespace asio = boost::asio;

namespace {

constexpr std::size_t kPictureBytes = 100'000;
constexpr double kSeconds = 3;

double cpu_s() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

asio::awaitable<void> ask(net::HttpClient& client, std::string url, const bool& stop, int& count) {
  while (!stop) {
    net::HttpRequest request;
    request.url = url;
    const auto answer = co_await client.get(std::move(request));
    if (!answer || answer->body.size() != kPictureBytes) std::abort();
    ++count;
  }
}

void measure(std::uint16_t port, int cameras) {
  asio::io_context io(1);
  net::HttpClient client(io.get_executor());
  bool stop = false;
  int count = 0;
  for (int i = 0; i < cameras; ++i)
    asio::co_spawn(io, ask(client, fmt::format("http://127.0.0.1:{}/cam/{}/jpg", port, i), stop, count),
                   asio::detached);
  const double begin = cpu_s();
  const auto start = std::chrono::steady_clock::now();
  io.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(kSeconds)));
  const double cpu = cpu_s() - begin;
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%4d cameras: %7.0f pictures/s, %6.1f µs CPU each\n", cameras, count / wall, cpu * 1e6 / count);
}

}  // namespace

int main() {
  const std::vector<Bytes> views(16, Bytes(kPictureBytes, 7));
  auto server = bench::CameraServer::create(views, 1).value();
  int in[2], out[2];
  if (::pipe(in) != 0 || ::pipe(out) != 0) return 1;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(in[1]);
    static_cast<void>(server.serve(in[0], out[1]));
    ::_exit(0);
  }
  for (const int cameras : {1, 16, 200}) measure(server.port(), cameras);
  ::close(in[1]);
  ::waitpid(child, nullptr, 0);
}
