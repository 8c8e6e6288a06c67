#pragma once
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "edge/api.hpp"
#include "edge/page.hpp"
#include "support/fed_source.hpp"
#include "support/picture_files.hpp"
#include "support/program.hpp"
#include "support/raw_client.hpp"
#include "support/run_coroutine.hpp"

/// Everything that the HTTP interface shows, small but real, on a thread of its own.
namespace perch::test {

using namespace edge;  // what is tested

/// Says the frame's number, and finds one car.
class CarAnalysis final : public Analysis {
 public:
  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings&) override {
    Observation seen;
    seen.values = {{"n", static_cast<std::int64_t>(frame.seq)}};
    seen.confidence = 0.5F;
    seen.findings.detections = {{0, {1}, 0.75F, {1, 2, 3, 4}, {}}};
    return seen;
  }

 private:
  std::vector<Output> outputs_{{"n", "cars", OutputKind::gauge, 0}};
};

inline SharedBytes a_jpeg(int width = 32) {
  return SharedBytes(jpeg_file(width, 24));
}

inline Frame frame_of(std::variant<Jpeg, image::Picture, ThermalGrid, Record> payload) {
  Frame frame;
  frame.stamp = SystemClock().stamp();
  frame.payload = std::move(payload);
  return frame;
}

inline image::Picture a_picture(int width = 32) {
  image::Picture picture(width, 24);
  std::fill_n(picture.data(), static_cast<std::ptrdiff_t>(24) * picture.stride(), std::uint8_t{90});
  return picture;
}

/// A whole edge without its configuration. Cameras are fed by the test; everything else runs as in the daemon.
class EdgeFixture : pipeline::Observer {
 public:
  explicit EdgeFixture(const net::WebSocketLimits& limits = Live::limits()) {
    device.device = "garage";
    device.version = "1.2.3";
    device.config = 12;
    journal::ServiceOptions options;
    options.journal.reserve_bytes = 0;
    journal = std::move(journal::Service::start(folder / "journal.db", clock, options).value());
    pictures = std::move(pictures::Store::open(folder / "pictures", {}, clock).value());
    pipeline::Observer& observer = *this;
    cameras = std::make_unique<pipeline::Cameras>(io.get_executor(), pool_, clock, observer);
    live = std::make_unique<Live>(io.get_executor(), clock, device, infos, limits);
    streams = std::make_unique<Streams>(io.get_executor(), blocking.get_executor(), *cameras);
    api = std::make_unique<Api>(context());
    http = serve();
    thread_ = std::jthread([this] { io.run(); });
  }

  ~EdgeFixture() override {
    await(http->stop(Milliseconds{100}));
    if (second) await(second->stop(Milliseconds{100}));
    on_loop([this] {
      http.reset();
      second.reset();
      cameras->stop();
    });
    comes_true([this] { return cameras->in_work() == 0; });
    journal->stop();
    on_loop([this] {
      api.reset();
      streams.reset();
      cameras.reset();
    });
    work_.reset();
    thread_.join();
    blocking.join();
  }

  EdgeFixture(const EdgeFixture&) = delete;
  EdgeFixture& operator=(const EdgeFixture&) = delete;

  /// A server on a free port with all routes and the page, started.
  std::unique_ptr<net::HttpServer> serve() {
    net::HttpServerConfig config;
    config.listen = "127.0.0.1:0";
    auto server = std::move(net::HttpServer::create(io.get_executor(), config).value());
    api->add_routes(*server);
    add_page(*server);
    server->start();
    return server;
  }

  /// Runs this on the io thread and returns what it returns.
  template <class Function>
  std::invoke_result_t<Function> on_loop(Function function) {
    return run_on(io, std::move(function));
  }

  void await(asio::awaitable<void> work) {
    std::promise<void> done;
    asio::co_spawn(io, std::move(work), [&](const std::exception_ptr&) { done.set_value(); });
    done.get_future().get();
  }

  template <class T>
  T await(asio::awaitable<T> work) {
    std::promise<T> done;
    asio::co_spawn(io, std::move(work), [&](const std::exception_ptr&, T value) { done.set_value(std::move(value)); });
    return done.get_future().get();
  }

  /// Whether this comes to hold on the io thread within a long while.
  bool comes_true(std::function<bool()> what) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      if (on_loop(what)) return true;
      std::this_thread::yield();
    }
    return false;
  }

  /// Adds a camera with one task, `cars`, that looks at frames as they are fed.
  std::shared_ptr<Feed> add_camera(const std::string& name, bool is_stream = false) {
    auto feed = std::make_shared<Feed>();
    feed->is_stream = is_stream;
    on_loop([&] {
      pipeline::GateConfig gate;
      gate.mode = pipeline::GateMode::off;
      pipeline::Task task;
      task.name = "cars";
      task.analysis = std::make_unique<CarAnalysis>();
      const auto outputs = task.analysis->outputs();
      infos[{name}] = {{name},
                       "fed",
                       Nanoseconds{0},
                       {{"cars", "tiny@12345678", {"dog", "car"}, {outputs.begin(), outputs.end()}, {}, false, {}}}};
      pipeline::CameraPlan plan{{name},
                                Nanoseconds{0},
                                {},
                                std::make_unique<FedSource>(io.get_executor(), Pace::live, feed),
                                {{}, std::move(pipeline::Gate::create(gate).value()), {}}};
      plan.health.interval = Nanoseconds{0};
      plan.state.tasks.push_back(std::move(task));
      cameras->add(std::move(plan));
      live->health(infos[{name}], cameras->find({name})->health());
    });
    return feed;
  }

  void remove_camera(const std::string& name) {
    on_loop([&] {
      cameras->remove({name});
      live->removed({name});
      infos.erase({name});
    });
  }

  /// Feeds a frame and waits until it has been looked at.
  void look(const std::string& name, Feed& feed, Frame frame) {
    const std::uint64_t before = on_loop([&] {
      feed.give(std::move(frame));
      return looked_[name];
    });
    REQUIRE(comes_true([&] { return looked_[name] > before; }));
  }

  /// The answer to a GET, head and body.
  std::string get(std::string_view path, std::string_view headers = "", std::string_view method = "GET") {
    RawClient client(http->port());
    client.send(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" +
                std::string(headers) + "Connection: close\r\n\r\n");
    return client.read_all();
  }

  /// The body of a GET that is answered with this status.
  std::string body(std::string_view path, int status = 200) {
    const std::string answer = get(path);
    CAPTURE(path);
    CAPTURE(answer);
    CHECK(answer.starts_with("HTTP/1.1 " + std::to_string(status) + " "));
    return answer.substr(std::min(answer.find("\r\n\r\n"), answer.size() - 4) + 4);
  }

  boost::json::value json(std::string_view path, int status = 200) {
    boost::system::error_code wrong;
    boost::json::value value = boost::json::parse(body(path, status), wrong);
    CHECK_FALSE(wrong);
    return value;
  }

  TempFolder folder;
  SystemClock clock;
  asio::io_context io{1};
  asio::thread_pool blocking{2};
  DeviceInfo device;
  CameraInfos infos;
  std::unique_ptr<journal::Service> journal;
  std::shared_ptr<pictures::Store> pictures;

 private:
  pipeline::WorkerPool pool_{1, clock};

 public:
  Metrics metrics{"1.2.3"};
  std::unique_ptr<pipeline::Cameras> cameras;
  std::unique_ptr<Live> live;
  std::unique_ptr<Streams> streams;
  std::unique_ptr<Api> api;
  std::unique_ptr<net::HttpServer> http, second;
  std::vector<std::string> trouble;  ///< what `/healthz` is to say

 private:
  ApiContext context() {
    return {.io = io.get_executor(),
            .blocking = blocking.get_executor(),
            .clock = clock,
            .device = device,
            .infos = infos,
            .cameras = *cameras,
            .journal = *journal,
            .pictures = pictures,
            .live = *live,
            .streams = *streams,
            .metrics = metrics,
            .trouble = [this] { return trouble; },
            .readings_dropped = [] { return std::uint64_t{7}; },
            .pictures_dropped = [] { return std::uint64_t{3}; },
            .http_connections = [this] { return http->connections(); },
            .sinks = [] { return std::vector<SinkState>{{"archive", 2, "the far end is away"}}; }};
  }

  void on_frame(pipeline::Camera& camera, const FramePtr& frame) override { streams->on_frame(camera, frame); }

  void on_looked(pipeline::Camera& camera, const pipeline::Looked& looked) override {
    live->looked(infos.at(camera.id()), looked);
    metrics.looked(looked, clock.monotonic());
    ++looked_[camera.id().value];
  }

  void on_health(pipeline::Camera& camera) override { live->health(infos.at(camera.id()), camera.health()); }

  void on_end(pipeline::Camera&) override {}

  std::map<std::string, std::uint64_t> looked_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io);
  std::jthread thread_;
};

}  // namespace perch::test
