#pragma once
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "base/event_log.hpp"
#include "edge/api.hpp"
#include "edge/api_device.hpp"
#include "edge/camera_info.hpp"
#include "edge/config_file.hpp"
#include "edge/daemon.hpp"
#include "edge/delivery.hpp"
#include "edge/discovery.hpp"
#include "edge/last_resort.hpp"
#include "edge/live.hpp"
#include "edge/metrics.hpp"
#include "edge/recording.hpp"
#include "edge/streams.hpp"
#include "journal/service.hpp"
#include "net/dns_sd.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/sd_notify.hpp"
#include "pictures/store.hpp"
#include "pipeline/cameras.hpp"
#include "pipeline/worker_pool.hpp"

namespace perch::edge {

/// The daemon: makes the parts, wires them, and takes up configurations. Everything but the constructor runs on the io
/// thread, which is the one that calls `run`.
class Daemon final : private pipeline::Observer {
 public:
  /// Opens the journal and the picture store. @thread main, blocks
  static tl::expected<std::unique_ptr<Daemon>, Mistakes> create(const EdgeOptions& options, const Registry& registry);
  ~Daemon() override;

  /// @returns as `run_edge`
  tl::expected<void, Mistakes> run();

 private:
  /// A camera as it was configured when it was started, to see whether it is to be started anew.
  struct Running {
    config::Node settings;
    std::vector<std::shared_ptr<const model::Model>> models;
    bool operator==(const Running&) const = default;
  };

  /// What a configuration changes, made in full before anything of it is taken up.
  struct Change {
    std::vector<std::pair<PlannedCamera, Running>> cameras;  ///< new, or to be started anew
    std::vector<CameraId> gone;
    std::vector<std::shared_ptr<Delivery>> sinks;
    std::unique_ptr<net::HttpServer> server;  ///< null: the one there is goes on
  };

  Daemon(const EdgeOptions& options, const Registry& registry, ConfigFile file, Configuration first);
  Result<void> open_pictures();
  Result<void> open_journal();
  void make_parts();

  // What happens to cameras.
  void on_frame(pipeline::Camera& camera, const FramePtr& frame) override;
  void on_looked(pipeline::Camera& camera, const pipeline::Looked& looked) override;
  void on_health(pipeline::Camera& camera) override;
  void on_reason(pipeline::Camera& camera) override;
  void on_end(pipeline::Camera& camera) override;
  void on_journal_event(const journal::Event& event);

  // Taking up configurations.
  asio::awaitable<void> begin();
  asio::awaitable<void> watch_config();
  asio::awaitable<void> look_at_config();
  asio::awaitable<void> reload();
  Result<Change> plan(const Configuration& wanted);
  Result<void> plan_cameras(const Configuration& wanted, Change& change);
  Result<void> plan_sinks(const Configuration& wanted, Change& change);
  Result<void> plan_server(const Settings& wanted, Change& change);
  void listen_again(const ListenAddress& held);
  void take_up(Configuration wanted, Change change);
  void take_up_sinks(const std::vector<config::Component>& wanted, std::vector<std::shared_ptr<Delivery>> sinks);
  asio::awaitable<void> forget_former_sinks();
  asio::awaitable<void> forget_sinks_long_gone();
  void take_up_server(std::unique_ptr<net::HttpServer> server);
  void take_up_cameras(const Configuration& wanted, Change change);
  asio::awaitable<void> take_up_budget();
  void note_restart_needed(const Settings& wanted);
  asio::awaitable<void> count_revision();
  SourceContext source_context();
  static Running running(const Camera& camera, const Models::Loaded& models);

  // Cameras that are found on the network.
  Result<void> check_blocks(const Configuration& wanted);
  void take_up_discovery();
  void try_discovery_again();
  Result<void> browse(const DiscoverySettings& wanted);
  void on_found(const net::Found& found, bool appeared);
  void on_left(const std::string& instance);
  void refresh_discovered();
  void end_discovery();

  // Keeping house.
  asio::awaitable<void> keep_house();
  asio::awaitable<void> tell_of_pictures();
  asio::awaitable<void> tell_systemd();
  asio::awaitable<void> wait_for_signals();
  void give_up(const std::exception_ptr& thrown);
  asio::awaitable<void> stop();
  asio::awaitable<void> sinks_catch_up();
  asio::awaitable<bool> pause(Nanoseconds time);
  std::vector<std::string> trouble() const;
  std::vector<SinkState> sink_states() const;
  template <class F>
  void spawn(F coroutine);

  LastResort last_resort_;  ///< goes when all else has ended
  EdgeOptions options_;
  const Registry& registry_;
  SystemClock clock_;
  asio::io_context io_{1};
  asio::thread_pool blocking_{2};
  log::EventLog events_{clock_};
  net::SdNotify systemd_ = net::SdNotify::from_environment();
  ConfigFile file_;
  Configuration current_;
  std::map<CameraId, Running> running_;
  DeviceInfo device_;
  CameraInfos infos_;

  net::HttpClient http_{io_.get_executor(), clock_};
  std::shared_ptr<pictures::Store> pictures_;
  std::unique_ptr<journal::Service> journal_;
  Metrics metrics_;
  std::unique_ptr<pipeline::WorkerPool> workers_;
  std::unique_ptr<pipeline::Cameras> cameras_;
  std::unique_ptr<Live> live_;
  std::unique_ptr<Streams> streams_;
  std::unique_ptr<Recording> recording_;
  std::map<std::string, std::shared_ptr<Delivery>> deliveries_;
  std::map<std::string, Nanoseconds> former_sinks_;  ///< taken out as it ran, since when; their places are kept a while
  std::unique_ptr<Api> api_;
  std::unique_ptr<net::HttpServer> server_;

  Discovery discovery_{clock_};
  std::optional<DiscoverySettings> browsed_;  ///< what is looked for; nothing: nothing is
  std::optional<Nanoseconds> browse_again_;   ///< when what could not be begun is tried again
  std::unique_ptr<net::DnsSd> dns_sd_;
  std::unique_ptr<net::DnsSd::Browser> browser_;

  asio::signal_set signals_{io_};
  std::set<asio::steady_timer*> pauses_;  ///< of coroutines that wait for time to pass
  bool reload_asked_ = false;
  bool stopping_ = false;
  bool recorded_ = false;  ///< recording has ended
  Mistakes mistakes_;      ///< what kept it from starting
};

}  // namespace perch::edge
