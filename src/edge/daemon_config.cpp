// How the daemon takes up configurations: everything new is made first, and only when all of it could be made does
// anything change.
#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/text.hpp"
#include "config/node.hpp"
#include "edge/daemon_impl.hpp"
#include "edge/page.hpp"
#include "seam/blocking.hpp"

namespace perch::edge {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds kServerDrain{500};

/// What the interface is to be like under these settings, at this address.
net::HttpServerConfig server_config(const Settings& settings, const ListenAddress& listen) {
  net::HttpServerConfig config;
  config.listen = to_string(listen);
  config.allowed_hosts = settings.allowed_hosts;
  config.allowed_origins = settings.allowed_origins;
  return config;
}

asio::awaitable<void> stop_server(std::unique_ptr<net::HttpServer> server) {
  co_await server->stop(kServerDrain);
}

}  // namespace

Daemon::Running Daemon::running(const Camera& camera, const Models::Loaded& models) {
  Running running{write_camera(camera), {}};
  for (const Task& task : camera.tasks)
    if (!task.model.empty()) running.models.push_back(models.at(task.model));
  return running;
}

Result<Daemon::Change> Daemon::plan(const Configuration& wanted) {
  Change change;
  PERCH_CHECK(check_blocks(wanted));
  PERCH_CHECK(plan_cameras(wanted, change));
  PERCH_CHECK(plan_sinks(wanted, change));
  PERCH_CHECK(plan_server(wanted.settings, change));
  return change;
}

SourceContext Daemon::source_context() {
  SourceContext context;
  context.io = io_.get_executor();
  context.blocking = blocking_.get_executor();
  context.clock = &clock_;
  context.http = &http_;
  context.folder = file_.folder();
  return context;
}

Result<void> Daemon::plan_cameras(const Configuration& wanted, Change& change) {
  std::set<CameraId> there;
  for (const Camera& camera : all_cameras(wanted.settings, discovery_)) {
    const CameraId id{camera.name.value};
    there.insert(id);
    const auto now = running_.find(id);
    if (now != running_.end() && now->second == running(camera, wanted.models)) continue;
    PERCH_TRY(PlannedCamera planned, plan_camera(camera, wanted.models, registry_, source_context()));
    change.cameras.emplace_back(std::move(planned), running(camera, wanted.models));
  }
  for (const auto& [id, unused] : running_)
    if (!there.contains(id)) change.gone.push_back(id);
  return {};
}

Result<void> Daemon::plan_sinks(const Configuration& wanted, Change& change) {
  for (const config::Component& sink : wanted.settings.sinks) {
    const bool goes_on = deliveries_.contains(sink_name(sink)) &&
                         std::ranges::find(current_.settings.sinks, sink) != current_.settings.sinks.end();
    if (goes_on) continue;
    SinkContext context;
    context.name = sink_name(sink);
    context.io = io_.get_executor();
    context.blocking = blocking_.get_executor();
    context.clock = &clock_;
    context.folder = current_.settings.data;
    auto made = registry_.make_sink(sink, context);
    if (!made) return fail(made.error().at("sink " + context.name));
    change.sinks.push_back(
        std::make_shared<Delivery>(context.name, std::move(*made), context.io, *journal_, events_, clock_));
  }
  return {};
}

Result<void> Daemon::plan_server(const Settings& wanted, Change& change) {
  const Settings& now = current_.settings;
  const bool same_rules = wanted.allowed_hosts == now.allowed_hosts && wanted.allowed_origins == now.allowed_origins;
  if (server_ && wanted.listen == now.listen && same_rules) return {};
  // A server cannot be made while the one before holds its address.
  const ListenAddress held{now.listen.host, server_ ? server_->port() : std::uint16_t{0}};
  const bool gives_way = server_ && net::overlap(held, wanted.listen);
  if (gives_way) asio::co_spawn(io_, stop_server(std::exchange(server_, nullptr)), asio::detached);
  auto made = net::HttpServer::create(io_.get_executor(), server_config(wanted, wanted.listen));
  if (!made) {
    if (gives_way) listen_again(held);
    return fail(std::move(made).error());
  }
  change.server = std::move(*made);
  return {};
}

/// What is not taken up changes nothing: the interface is back where it was.
void Daemon::listen_again(const ListenAddress& held) {
  auto server = net::HttpServer::create(io_.get_executor(), server_config(current_.settings, held));
  if (server) return take_up_server(std::move(*server));
  events_.write(log::Level::error, "http.lost", to_string(held), {{"reason", server.error().message()}});
}

void Daemon::take_up(Configuration wanted, Change change) {
  note_restart_needed(wanted.settings);
  auto sinks = std::move(change.sinks);
  auto server = std::move(change.server);
  take_up_cameras(wanted, std::move(change));
  take_up_sinks(wanted.settings.sinks, std::move(sinks));
  if (server) take_up_server(std::move(server));
  wanted.settings.data = current_.settings.data;
  wanted.settings.device = current_.settings.device;
  current_ = std::move(wanted);
  streams_->changed();
  take_up_discovery();
}

void Daemon::take_up_cameras(const Configuration& wanted, Change change) {
  const auto end = [&](const CameraId& id) {
    cameras_->remove(id);
    recording_->end(id);
    live_->removed(id);
    infos_.erase(id);
    running_.erase(id);
  };
  for (const CameraId& id : change.gone) {
    end(id);
    events_.write(log::Level::info, "camera.removed", id.value, {{"camera", id.value}});
  }
  for (auto& [planned, as_configured] : change.cameras) {
    const CameraId id = planned.info.id;
    end(id);
    running_.emplace(id, std::move(as_configured));
    const CameraInfo& info = infos_.emplace(id, std::move(planned.info)).first->second;
    recording_->begin(info);
    cameras_->add(std::move(planned.plan));
    live_->health(info, cameras_->find(id)->health());
    events_.write(log::Level::info, "camera.started", id.value, {{"camera", id.value}, {"source", info.source}});
  }
  std::set<const model::Model*> used;
  for (const auto& [name, model] : wanted.models) used.insert(model.get());
  workers_->keep_only(std::move(used));
}

void Daemon::take_up_sinks(const std::vector<config::Component>& wanted, std::vector<std::shared_ptr<Delivery>> sinks) {
  std::set<std::string> names;
  for (const config::Component& sink : wanted) names.insert(sink_name(sink));
  for (auto it = deliveries_.begin(); it != deliveries_.end();) {
    if (names.contains(it->first)) {
      ++it;
      continue;
    }
    it->second->stop();
    events_.write(log::Level::info, "sink.removed", it->first, {{"sink", it->first}});
    former_sinks_[it->first] = clock_.monotonic();
    it = deliveries_.erase(it);
  }
  for (std::shared_ptr<Delivery>& sink : sinks) {
    std::shared_ptr<Delivery>& place = deliveries_[sink->name()];
    if (place) place->stop();
    place = std::move(sink);
    place->start();
    former_sinks_.erase(place->name());
    events_.write(log::Level::info, "sink.started", place->name(), {{"sink", place->name()}});
  }
}

/// Sinks that were taken out an hour ago: until then one that comes back goes on where it was.
asio::awaitable<void> Daemon::forget_sinks_long_gone() {
  constexpr Nanoseconds kRemembered = std::chrono::hours(1);
  const Nanoseconds now = clock_.monotonic();
  const auto is_long_gone = [&](const auto& sink) { return now - sink.second >= kRemembered; };
  for (;;) {
    const auto gone = std::ranges::find_if(former_sinks_, is_long_gone);
    if (gone == former_sinks_.end()) co_return;
    const std::string name = former_sinks_.extract(gone).key();
    const Result<void> removed = co_await journal_->remove_cursor(name);
    if (removed) continue;
    events_.write(log::Level::error, "sink.not_removed", name, {{"reason", removed.error().message()}});
  }
}

/// Sinks that were taken out of the configuration while the daemon was not at work have left their cursors, which would
/// hold the journal for ever.
asio::awaitable<void> Daemon::forget_former_sinks() {
  std::set<std::string> names;
  for (const config::Component& sink : current_.settings.sinks) names.insert(sink_name(sink));
  const Result<std::vector<std::string>> gone = co_await journal_->keep_cursors(std::move(names));
  if (!gone) {
    events_.write(log::Level::error, "sink.not_removed", "journal", {{"reason", gone.error().message()}});
    co_return;
  }
  for (const std::string& name : *gone) events_.write(log::Level::info, "sink.removed", name, {{"sink", name}});
}

void Daemon::take_up_server(std::unique_ptr<net::HttpServer> server) {
  api_->add_routes(*server);
  add_page(*server);
  server->start();
  events_.write(log::Level::info, "http.listening", server->url(), {{"url", server->url()}});
  if (options_.listening) options_.listening(server->port());
  std::swap(server_, server);
  if (server) asio::co_spawn(io_, stop_server(std::move(server)), asio::detached);
}

void Daemon::note_restart_needed(const Settings& wanted) {
  const auto note = [&](std::string_view key) {
    events_.write(log::Level::warning, "config.needs_restart", key,
                  {{"key", key}, {"remedy", "restart perch to take it up"}});
  };
  if (wanted.data != current_.settings.data) note("data");
  if (wanted.device != current_.settings.device) note("device");
  if (wanted.workers != current_.settings.workers) note("workers");
}

asio::awaitable<void> Daemon::count_revision() {
  auto count = [data = fs::path(current_.settings.data), text = config::to_toml(write_settings(current_.settings))] {
    return config_revision(data, text);
  };
  const Result<std::uint64_t> revision = co_await run_blocking(blocking_.get_executor(), std::move(count));
  if (!revision) {
    events_.write(log::Level::error, "config.revision", "config", {{"reason", revision.error().message()}});
    co_return;
  }
  device_.config = *revision;
  recording_->set_config(*revision);
}

asio::awaitable<void> Daemon::watch_config() {
  constexpr Nanoseconds kEvery{1'000'000'000};
  while (co_await pause(kEvery)) {
    try {
      co_await look_at_config();
      if (!stopping_) try_discovery_again();
    } catch (const std::exception& thrown) {  // of a library: the next look may go well
      events_.write(log::Level::error, "config.failed", "config", {{"reason", thrown.what()}});
    }
  }
}

asio::awaitable<void> Daemon::look_at_config() {
  bool wanted = std::exchange(reload_asked_, false);
  if (!wanted) wanted = co_await run_blocking(blocking_.get_executor(), [this] { return file_.changed(); });
  if (wanted && !stopping_) co_await reload();
}

asio::awaitable<void> Daemon::reload() {
  static_cast<void>(systemd_.reloading(clock_));
  auto wanted = co_await run_blocking(blocking_.get_executor(), [this] { return file_.read(); });
  Mistakes mistakes;
  if (!wanted) {
    mistakes = wanted.error().messages();
  } else if (wanted->is_empty) {
    mistakes = {Error{Errc::invalid, "is empty, as a file is while it is being saved, or on a full disk",
                      file_.path().string(), "write it again; to run without cameras, leave a line like device = 'box'"}
                    .message()};
  } else if (Result<Change> change = plan(*wanted)) {
    take_up(std::move(*wanted), std::move(*change));
    co_await count_revision();
    device_.config_since = clock_.now();
    events_.write(log::Level::info, "config.taken_up", "config", {{"revision", std::to_string(device_.config)}});
  } else {
    mistakes = {change.error().message()};
  }
  for (const std::string& mistake : mistakes)
    events_.write(log::Level::error, "config.refused", "config",
                  {{"reason", mistake}, {"still", "the last good configuration is at work"}});
  device_.problem = join(mistakes, "\n");
  live_->changed();
  static_cast<void>(systemd_.ready());
  if (mistakes.empty()) co_await take_up_budget();
}

/// A lower budget deletes pictures, which may take its time: the last of what a configuration changes.
asio::awaitable<void> Daemon::take_up_budget() {
  auto keep = [store = pictures_, bytes = current_.settings.pictures.budget.bytes] { return store->set_budget(bytes); };
  const Result<void> kept = co_await run_blocking(blocking_.get_executor(), std::move(keep));
  if (!kept) events_.write(log::Level::error, "pictures.budget", "pictures", {{"reason", kept.error().message()}});
}

}  // namespace perch::edge
