#include "bench/node_server.hpp"

#include <charconv>
#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "node/node.hpp"

namespace perch::bench {

namespace {

namespace asio = boost::asio;
constexpr std::size_t kLongestLine = 65'536;

/// What the faults of the view make of a picture. All of it is made before the cameras are asked: what simulating a
/// fault costs must not weigh on the daemon that is measured beside it.
std::vector<node::Development> ways_to_develop() {
  std::vector<node::Development> ways(4);
  ways[0].dark = true;
  ways[1].covered = true;
  ways[2].blurred = true;
  ways[3].moved = true;
  return ways;
}

class NodeServer {
 public:
  NodeServer(int in, int out) : in_(io_, in), out_(io_, out) {}

  Result<void> add_film(const std::string& loop, Nanoseconds every) {
    PERCH_TRY(const std::unique_ptr<node::Eye> eye, node::folder_eye(loop, Seconds(every).count()));
    PERCH_TRY(auto film, node::LoopFilm::make(*eye, every, clock_, ways_to_develop()));
    films_.push_back(std::move(film));
    return {};
  }

  void run() {
    asio::co_spawn(io_, obey(), asio::detached);
    io_.run();
    in_.release();
    out_.release();
    blocking_.join();
  }

 private:
  asio::awaitable<void> obey() {
    std::string buffer;
    for (;;) {
      const auto [failed, size] = co_await asio::async_read_until(in_, asio::dynamic_buffer(buffer, kLongestLine), '\n',
                                                                  asio::as_tuple(asio::use_awaitable));
      if (failed) break;
      const std::string line(trim(std::string_view(buffer).substr(0, size)));
      buffer.erase(0, size);
      if (line == "quit") break;
      const Result<std::uint16_t> port = add(line);
      const std::string answer =
          port ? fmt::format("port {}\n", *port) : fmt::format("error {}\n", port.error().message());
      const auto [lost, sent] =
          co_await asio::async_write(out_, asio::buffer(answer), asio::as_tuple(asio::use_awaitable));
      if (lost) break;
    }
    for (const auto& one : nodes_) co_await one->stop();
    nodes_.clear();
  }

  Result<std::uint16_t> add(const std::string& line) {
    const std::vector<std::string> words = split(line, ' ');
    std::size_t number = 0;
    const char* end = words.front().data() + words.front().size();
    if (std::from_chars(words.front().data(), end, number).ptr != end) return fail(Errc::invalid, "no number");
    node::NodeConfig config;
    config.address = "127.0.0.1";
    for (std::size_t i = 1; i < words.size(); ++i) {
      PERCH_TRY(node::Fault fault, node::parse_fault(words[i]));
      config.faults.push_back(fault);
    }
    PERCH_TRY(auto made, node::Node::create(io_.get_executor(), blocking_.get_executor(), clock_,
                                            films_[number % films_.size()], nullptr, config));
    nodes_.push_back(made);
    return made->port();
  }

  SystemClock clock_;
  std::vector<std::shared_ptr<const node::Film>> films_;
  asio::io_context io_{1};
  asio::thread_pool blocking_{1};
  asio::posix::stream_descriptor in_, out_;
  std::vector<std::shared_ptr<node::Node>> nodes_;
};

}  // namespace

Result<void> serve_nodes(const std::vector<std::string>& loops, Nanoseconds every, int in, int out) {
  if (loops.empty()) return fail(Errc::invalid, "nothing to look at");
  NodeServer server(in, out);
  for (const std::string& loop : loops) PERCH_CHECK(server.add_film(loop, every));
  server.run();
  return {};
}

}  // namespace perch::bench
