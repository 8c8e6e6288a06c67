#include "edge/live.hpp"

#include <algorithm>

#include "journal/observation_json.hpp"
#include "journal/reading_json.hpp"

namespace perch::edge {

namespace {

constexpr int kMsDecimals = 3;
constexpr Milliseconds kClockWaver{1000};

double in_ms(Nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// Where the time of a frame went.
void write_ms(json::Writer& w, const Latest& latest) {
  const pipeline::Looked& looked = latest.looked;
  const std::pair<std::string_view, Nanoseconds> parts[] = {
      {"wait", std::max(looked.began - looked.frame->stamp.monotonic, Nanoseconds{0})},
      {"gate", looked.gate},
      {"decode", looked.timing.decode},
      {"preprocess", looked.timing.preprocess},
      {"infer", looked.timing.infer},
      {"decode_findings", looked.timing.postprocess},
      {"analysis", looked.analysis},
      {"total", latest.total},
  };
  w.key("ms").begin_object();
  for (const auto& [name, took] : parts) w.key(name).number(in_ms(took), kMsDecimals);
  w.end_object();
}

void write_message(json::Writer& w, const CameraInfo& camera, const Latest& latest, const pipeline::Answer& answer) {
  const TaskInfo& task = camera.tasks[answer.task];
  const Frame& frame = *latest.looked.frame;
  w.begin_object().key("type").string("observation").key("camera").string(camera.id.value);
  w.key("task").string(task.name).key("seq").integer(static_cast<std::int64_t>(frame.seq));
  w.key("at").string(to_string(frame.stamp.at));
  w.key("mono_ms").integer(std::chrono::duration_cast<Milliseconds>(frame.stamp.monotonic).count());
  journal::write_observation(w, answer.observation, task.labels);
  write_ms(w, latest);
  w.key("still").boolean(latest.looked.still);
  w.key("size").begin_array().integer(latest.looked.size.width).integer(latest.looked.size.height).end_array();
  w.end_object();
}

}  // namespace

net::WebSocketLimits Live::limits() {
  net::WebSocketLimits limits;
  limits.most_queued_messages = 2000;
  return limits;
}

Live::Live(asio::any_io_executor io, const Clock& clock, const DeviceInfo& device, const CameraInfos& cameras,
           const net::WebSocketLimits& limits)
    : clock_(clock),
      device_(device),
      cameras_(cameras) {
  net::WebSocketHub::Events events;
  events.opened = [this](net::WebSocketClient client, const net::HttpCall&) { welcome(client); };
  hub_ = std::make_shared<net::WebSocketHub>(std::move(io), limits, std::move(events));
}

void Live::looked(const CameraInfo& camera, const pipeline::Looked& looked) {
  Latest& latest = latest_[camera.id];
  latest.looked = looked;
  latest.total = clock_.monotonic() - looked.frame->stamp.monotonic;
  if (!looked.broken) latest.frame = looked.frame;
  if (hub_->clients() == 0) return;
  for (const pipeline::Answer& answer : looked.answers) {
    if (answer.task >= camera.tasks.size()) continue;
    json::Writer w;
    write_message(w, camera, latest, answer);
    broadcast(w);
  }
}

void Live::health(const CameraInfo& camera, const pipeline::HealthReport& report) {
  Latest& latest = latest_[camera.id];
  latest.health = report;
  latest.health_since = wall_time(report.since);
  if (hub_->clients() == 0) return;
  json::Writer w;
  w.begin_object().key("type").string("health").key("camera").string(camera.id.value);
  write_report(w, latest);
  w.end_object();
  broadcast(w);
}

void Live::committed(std::span<const Reading> readings, std::span<const Nanoseconds> took) {
  if (hub_->clients() == 0) return;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    json::Writer w;
    w.begin_object().key("type").string("reading").key("ms").begin_object();
    if (i < took.size()) w.key("committed").number(in_ms(took[i]), kMsDecimals);
    w.end_object().key("reading").raw(journal::to_json(readings[i])).end_object();
    broadcast(w);
  }
}

void Live::removed(const CameraId& camera) {
  latest_.erase(camera);
}

void Live::changed() {
  if (hub_->clients() == 0) return;
  json::Writer w;
  w.begin_object().key("type").string("cameras").key("config").integer(static_cast<std::int64_t>(device_.config));
  w.end_object();
  broadcast(w);
}

const Latest* Live::latest(const CameraId& camera) const {
  const auto found = latest_.find(camera);
  return found == latest_.end() ? nullptr : &found->second;
}

void Live::write_health(json::Writer& w, const CameraId& camera) const {
  const Latest* known = latest(camera);
  w.begin_object();
  if (known && known->health_since)
    write_report(w, *known);
  else
    w.key("health").string(name(pipeline::Health::connecting)).key("reason").string("").key("since").null();
  w.end_object();
}

void Live::write_latest(json::Writer& w, const CameraInfo& camera, std::size_t task) const {
  const Latest* known = latest(camera.id);
  const auto is_of_task = [task](const pipeline::Answer& answer) { return answer.task == task; };
  if (known && task < camera.tasks.size())
    if (const auto found = std::ranges::find_if(known->looked.answers, is_of_task);
        found != known->looked.answers.end()) {
      write_message(w, camera, *known, *found);
      return;
    }
  w.null();
}

/// A new client hears first how things stand.
void Live::welcome(net::WebSocketClient client) const {
  json::Writer w;
  w.begin_object().key("type").string("hello").key("device").string(device_.device);
  w.key("version").string(device_.version).key("config").integer(static_cast<std::int64_t>(device_.config));
  w.key("at").string(to_string(clock_.now())).key("cameras").begin_array();
  for (const auto& [id, camera] : cameras_) {
    w.begin_object().key("camera").string(id.value).key("health");
    write_health(w, id);
    w.key("observations").begin_array();
    if (const Latest* known = latest(id))
      for (const pipeline::Answer& answer : known->looked.answers) write_latest(w, camera, answer.task);
    w.end_array().end_object();
  }
  w.end_array().end_object();
  hub_->send(client, std::make_shared<const std::string>(w.text()));
}

/// The members of a camera's health.
void Live::write_report(json::Writer& w, const Latest& latest) const {
  // Computed anew it would waver by a millisecond; but the clock may have been set since.
  const UtcTime told = *latest.health_since, now = wall_time(latest.health.since);
  w.key("health").string(name(latest.health.health)).key("reason").string(latest.health.reason);
  w.key("since").string(to_string(std::chrono::abs(now - told) < kClockWaver ? told : now));
}

UtcTime Live::wall_time(Nanoseconds monotonic) const {
  return clock_.now() - std::chrono::duration_cast<Milliseconds>(clock_.monotonic() - monotonic);
}

void Live::broadcast(const json::Writer& w) const {
  hub_->broadcast(std::make_shared<const std::string>(w.text()));
}

}  // namespace perch::edge
