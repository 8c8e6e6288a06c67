#include "camera/serve.hpp"

#include <csignal>
#include <cstdio>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "camera/scene_eye.hpp"
#include "command.hpp"
#include "net/listen_address.hpp"
#include "node/node.hpp"

namespace perch::cli {

namespace {

namespace asio = boost::asio;

/// Names count on from here, so that those of a scene's seeds do not meet.
constexpr std::int64_t kNamesPerSeed = 256;
constexpr int kMostPort = 65535;

Result<std::unique_ptr<node::Eye>> make_eye(const CameraServeOptions& options, Nanoseconds period) {
  if (!options.folder.empty()) return node::folder_eye(options.folder, Seconds(period).count());
  if (!options.clip.empty()) return node::clip_eye(options.clip);
  if (!options.v4l2.empty()) return node::v4l2_eye(options.v4l2);
  return scene_eye(
      {options.scene, options.seed, options.width, options.height, options.hour, options.speed, options.settings});
}

/// Everything that runs.
struct Cameras {
  SystemClock clock;
  asio::io_context io{1};
  asio::thread_pool blocking{2};
  std::shared_ptr<const node::Film> film;
  std::unique_ptr<net::DnsSd> dns_sd;
  std::vector<std::shared_ptr<node::Node>> nodes;
  asio::signal_set stopped{io};

  asio::awaitable<void> stop() {
    for (const auto& one : nodes) co_await one->stop();
    nodes.clear();
    dns_sd.reset();
  }
};

std::string name_of(const CameraServeOptions& options, int index) {
  if (options.name.empty()) return node::node_name(static_cast<std::uint16_t>(options.seed * kNamesPerSeed + index));
  return options.count == 1 ? options.name : fmt::format("{}-{}", options.name, index + 1);
}

/// Nobody else could reach what is announced there.
bool is_loopback(const std::string& address) {
  boost::system::error_code failed;
  const auto parsed = asio::ip::make_address(address, failed);
  return !failed && parsed.is_loopback();
}

Result<void> start(const CameraServeOptions& options, Cameras& cameras) {
  PERCH_TRY(const Nanoseconds period, parse_duration(options.every));
  if (period <= Nanoseconds{0}) return fail(Errc::invalid, "--every must be more than nothing");
  node::NodeConfig config;
  config.address = options.address;
  config.type = options.type;
  for (const std::string& text : options.faults) {
    PERCH_TRY(node::Fault fault, node::parse_fault(text));
    config.faults.push_back(fault);
  }
  if (options.port > 0 && options.port + options.count - 1 > kMostPort)
    return fail(Errc::invalid, fmt::format("there are not so many ports from {} on", options.port), {},
                "--port 0 takes free ones");
  PERCH_TRY(auto eye, make_eye(options, period));
  cameras.film = std::make_shared<const node::LiveFilm>(std::move(eye), period);
  const bool is_heard = !is_loopback(options.address) || !options.interfaces.empty();
  if (!options.quiet && is_heard) {
    PERCH_TRY(cameras.dns_sd, net::DnsSd::create(cameras.io.get_executor(), options.interfaces));
  }
  for (int i = 0; i < options.count; ++i) {
    config.name = name_of(options, i);
    config.port = static_cast<std::uint16_t>(options.port == 0 ? 0 : options.port + i);
    PERCH_TRY(auto made, node::Node::create(cameras.io.get_executor(), cameras.blocking.get_executor(), cameras.clock,
                                            cameras.film, cameras.dns_sd.get(), config));
    fmt::print("{} http://{}/jpg\n", made->name(), net::to_string(net::ListenAddress{options.address, made->port()}));
    cameras.nodes.push_back(std::move(made));
  }
  std::fflush(stdout);
  return {};
}

}  // namespace

int serve_cameras(const CameraServeOptions& options) {
  Cameras cameras;
  if (const Result<void> started = start(options, cameras); !started) {
    fmt::print(stderr, "perch camera: {}\n", started.error().message());
    return kUnusable;
  }
  for (const int number : {SIGINT, SIGTERM}) cameras.stopped.add(number);
  cameras.stopped.async_wait(
      [&](const boost::system::error_code&, int) { asio::co_spawn(cameras.io, cameras.stop(), asio::detached); });
  cameras.io.run();
  cameras.blocking.join();
  return kOk;
}

}  // namespace perch::cli
