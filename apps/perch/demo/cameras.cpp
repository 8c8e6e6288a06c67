#include "demo/cameras.hpp"

#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "node/node.hpp"

namespace perch::cli {

namespace asio = boost::asio;

namespace {

const std::string kLoopback = "127.0.0.1";
const std::string kLoopbackInterface = "lo";

}  // namespace

struct DemoCameras::Impl {
  SystemClock clock;
  asio::io_context io{1};
  asio::thread_pool blocking{1};
  std::unique_ptr<net::DnsSd> dns_sd;
  std::vector<std::shared_ptr<node::Node>> nodes;
  std::jthread thread;

  ~Impl() {
    if (!thread.joinable()) thread = std::jthread([this] { io.run(); });  // of those that could be started
    asio::co_spawn(io, stop(), asio::detached);
    thread.join();
    blocking.join();
  }

  asio::awaitable<void> stop() {
    for (const auto& one : nodes) co_await one->stop();
    nodes.clear();
    dns_sd.reset();
  }

  Result<void> add(const Place& place, const std::string& type) {
    PERCH_TRY(auto eye, scene_eye(place.sight));
    const auto film = std::make_shared<const node::LiveFilm>(std::move(eye), place.period);
    node::NodeConfig config;
    config.name = place.name;
    config.address = kLoopback;
    config.type = type;
    PERCH_TRY(auto made, node::Node::create(io.get_executor(), blocking.get_executor(), clock, film, dns_sd.get(),
                                            std::move(config)));
    nodes.push_back(std::move(made));
    return {};
  }
};

Result<DemoCameras> DemoCameras::start(const std::vector<Place>& places, const std::string& type) {
  auto impl = std::make_unique<Impl>();
  PERCH_TRY(impl->dns_sd, net::DnsSd::create(impl->io.get_executor(), {kLoopbackInterface}));
  for (const Place& place : places) {
    if (const Result<void> added = impl->add(place, type); !added) return fail(added.error().at(place.name));
  }
  impl->thread = std::jthread([running = impl.get()] { running->io.run(); });
  return DemoCameras(std::move(impl));
}

DemoCameras::DemoCameras(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DemoCameras::DemoCameras(DemoCameras&&) noexcept = default;
DemoCameras& DemoCameras::operator=(DemoCameras&&) noexcept = default;
DemoCameras::~DemoCameras() = default;

}  // namespace perch::cli
