#include "edge/daemon.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "edge/daemon_impl.hpp"

namespace perch::edge {

namespace fs = std::filesystem;

tl::expected<std::unique_ptr<Daemon>, Mistakes> Daemon::create(const EdgeOptions& options, const Registry& registry) {
  ConfigFile file(options.config, options.data, registry);
  auto first = file.read();
  if (!first) return tl::unexpected(first.error().messages());

  const fs::path data = first->settings.data;
  std::error_code error;
  fs::create_directories(data, error);
  if (error)
    return tl::unexpected(Mistakes{Error{Errc::io, "cannot make the data folder: " + error.message(), data.string(),
                                         "give another with --data DIR, or set its owner"}
                                       .message()});
  std::unique_ptr<Daemon> daemon(new Daemon(options, registry, std::move(file), std::move(*first)));
  if (const Result<void> opened = daemon->open_pictures(); !opened)
    return tl::unexpected(Mistakes{opened.error().message()});
  if (const Result<void> opened = daemon->open_journal(); !opened)
    return tl::unexpected(Mistakes{opened.error().message()});
  daemon->make_parts();
  return daemon;
}

Daemon::Daemon(const EdgeOptions& options, const Registry& registry, ConfigFile file, Configuration first)
    : options_(options),
      registry_(registry),
      file_(std::move(file)),
      current_(std::move(first)),
      metrics_(options.version) {
  device_.device = current_.settings.device.value;
  device_.version = options.version;
  device_.started = device_.config_since = clock_.now();
}

Daemon::~Daemon() {
  // Whatever still runs on other threads must end before what it works with.
  blocking_.join();
  workers_.reset();
  if (journal_) journal_->stop();
}

Result<void> Daemon::open_pictures() {
  pictures::StoreOptions options;
  options.budget_bytes = current_.settings.pictures.budget.bytes;
  PERCH_TRY(pictures_, pictures::Store::open(fs::path(current_.settings.data) / "pictures", options, clock_));
  return {};
}

Result<void> Daemon::open_journal() {
  journal::ServiceOptions options;
  options.on_event = [this](const journal::Event& event) {
    asio::post(io_, [this, event] { on_journal_event(event); });
  };
  options.free_pictures = [pictures = pictures_](std::uint64_t bytes) { return pictures->evict(bytes).value_or(0); };
  options.lost_reading = [this, device = device_.device](std::uint64_t lost) {
    return lost_reading(device, clock_, lost, "deleted for room before every sink had delivered them");
  };
  PERCH_TRY(journal_,
            journal::Service::start(fs::path(current_.settings.data) / "journal.db", clock_, std::move(options)));
  return {};
}

void Daemon::make_parts() {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const int wanted = current_.settings.workers;
  workers_ = std::make_unique<pipeline::WorkerPool>(wanted > 0 ? static_cast<std::size_t>(wanted) : cores, clock_);
  const asio::any_io_executor io = io_.get_executor();
  const asio::any_io_executor blocking = blocking_.get_executor();
  pipeline::Observer& observer = *this;
  cameras_ = std::make_unique<pipeline::Cameras>(io, *workers_, clock_, observer);
  live_ = std::make_unique<Live>(io, clock_, device_, infos_);
  streams_ = std::make_unique<Streams>(io, blocking, *cameras_);

  RecordingContext recording;
  recording.device = device_.device;
  recording.io = io;
  recording.blocking = blocking;
  recording.clock = &clock_;
  recording.journal = journal_.get();
  recording.pictures = pictures_;
  recording.events = &events_;
  recording.committed = [this](std::span<const Reading> readings, std::span<const Nanoseconds> took) {
    live_->committed(readings, took);
    for (const Nanoseconds time : took) metrics_.committed(time);
  };
  recording_ = std::make_unique<Recording>(std::move(recording));

  ApiContext api{io,     blocking,  clock_,   device_, infos_, *cameras_, *journal_, pictures_,
                 *live_, *streams_, metrics_, {},      {},     {},        {}};
  api.trouble = [this] { return trouble(); };
  api.readings_dropped = [this] { return recording_->dropped(); };
  api.pictures_dropped = [this] { return recording_->pictures_dropped(); };
  api.http_connections = [this] { return server_ ? server_->connections() : 0; };
  api.discovery = &discovery_;
  api.settings = [this] { return &current_.settings; };
  api.sinks = [this] { return sink_states(); };
  api_ = std::make_unique<Api>(std::move(api));
}

tl::expected<void, Mistakes> Daemon::run() {
  asio::co_spawn(io_, begin(), [this](const std::exception_ptr& thrown) {
    if (thrown) give_up(thrown);
  });
  io_.run();
  if (!mistakes_.empty()) return tl::unexpected(std::move(mistakes_));
  return {};
}

void Daemon::on_frame(pipeline::Camera& camera, const FramePtr& frame) {
  streams_->on_frame(camera, frame);
}

void Daemon::on_looked(pipeline::Camera& camera, const pipeline::Looked& looked) {
  const CameraInfo& info = infos_.at(camera.id());
  const Nanoseconds now = clock_.monotonic();
  live_->looked(info, looked);
  recording_->looked(info, looked);
  metrics_.looked(looked, now);
}

void Daemon::on_health(pipeline::Camera& camera) {
  const CameraInfo& info = infos_.at(camera.id());
  const pipeline::HealthReport& report = camera.health();
  live_->health(info, report);
  recording_->health(info, report);
  using enum pipeline::Health;
  const bool well = report.health == live || report.health == connecting || report.health == ended;
  events_.write(well ? log::Level::info : log::Level::warning, "camera.health", info.id.value,
                {{"camera", info.id.value}, {"health", pipeline::name(report.health)}, {"reason", report.reason}});
}

void Daemon::on_reason(pipeline::Camera& camera) {
  live_->health(infos_.at(camera.id()), camera.health());
}

void Daemon::on_end(pipeline::Camera& camera) {
  events_.write(log::Level::info, "camera.ended", camera.id().value, {{"camera", camera.id().value}});
}

void Daemon::on_journal_event(const journal::Event& event) {
  switch (event.kind) {
    case journal::Event::Kind::damaged:
      events_.write(log::Level::error, "journal.damaged", "journal", {{"reason", event.text}});
      recording_->note(kJournalTask, {{"event", std::string("damaged")}}, event.text);
      return;
    case journal::Event::Kind::full:
      events_.write(log::Level::error, "journal.disk_full", "journal", {{"reason", event.text}});
      return;
    case journal::Event::Kind::space_again:
      events_.write(log::Level::info, "journal.space_again", "journal", {{"reason", event.text}});
      return;
    case journal::Event::Kind::lost:
      events_.write(log::Level::error, "journal.lost", "journal",
                    {{"readings", std::to_string(event.readings)}, {"reason", event.text}});
      return;
  }
}

tl::expected<void, Mistakes> run_edge(const EdgeOptions& options, const Registry& registry) {
  auto daemon = Daemon::create(options, registry);
  if (!daemon) return tl::unexpected(daemon.error());
  return (*daemon)->run();
}

}  // namespace perch::edge
