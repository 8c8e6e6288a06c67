#include "edge/metrics.hpp"

#include "edge/metrics_process.hpp"

namespace perch::edge {

namespace {

using Kind = MetricsText::Kind;

struct CameraCounter {
  std::string_view name, help;
  std::uint64_t pipeline::CameraCounters::* value;
};

constexpr CameraCounter kCameraCounters[] = {
    {"perch_camera_frames_total", "Frames that came in", &pipeline::CameraCounters::frames},
    {"perch_camera_looked_total", "Frames that were taken through the gate", &pipeline::CameraCounters::looked},
    {"perch_camera_still_total", "Frames in which nothing moved", &pipeline::CameraCounters::still},
    {"perch_camera_skipped_total", "Frames replaced by a newer one before a worker was free",
     &pipeline::CameraCounters::skipped},
    {"perch_camera_missed_total", "Pictures due while the one before was still on its way",
     &pipeline::CameraCounters::missed},
    {"perch_camera_failures_total", "Pictures asked for that did not come", &pipeline::CameraCounters::failures},
    {"perch_camera_broken_total", "Pictures that came and could not be decoded", &pipeline::CameraCounters::broken},
};

void write_cameras(MetricsText& text, const pipeline::Cameras& cameras) {
  for (const CameraCounter& counter : kCameraCounters) {
    text.family(counter.name, Kind::counter, counter.help);
    for (const auto& [id, camera] : cameras.all())
      text.sample({{"camera", id.value}}, camera->counters().*counter.value);
  }
  text.family("perch_camera_health", Kind::gauge, "The state of each camera");
  for (const auto& [id, camera] : cameras.all())
    text.sample({{"camera", id.value}, {"health", name(camera->health().health)}}, std::uint64_t{1});
  text.single("perch_frames_in_work", Kind::gauge, "Frames that workers have now", cameras.in_work());
  text.single("perch_cameras_queued", Kind::gauge, "Cameras whose frame waits for a worker", cameras.queued());
}

void write_journal(MetricsText& text, const journal::Stats& stats) {
  text.single("perch_journal_readings_total", Kind::counter, "Readings written since the start", stats.written);
  text.single("perch_journal_queued", Kind::gauge, "Readings that wait to be written", stats.queued);
  text.single("perch_journal_bytes", Kind::gauge, "What the journal takes on the disk", stats.disk_bytes);
  text.single("perch_journal_last_seq", Kind::gauge, "Number of the newest reading", stats.last);
  text.family("perch_sink_lag", Kind::gauge, "Readings that a sink has yet to deliver");
  for (const auto& [sink, lag] : stats.lag) text.sample({{"sink", sink}}, lag);
}

void write_process(MetricsText& text) {
  const ProcessFigures process = process_figures();
  text.single("process_resident_memory_bytes", Kind::gauge, "Memory in use", process.resident_bytes);
  text.single("process_open_fds", Kind::gauge, "Open file descriptors", process.open_fds);
  text.single("process_start_time_seconds", Kind::gauge, "Start of the process, in seconds since 1970",
              process.started_unix_s);
  text.single("process_cpu_seconds_total", Kind::counter, "Time of the processor that was used", process.cpu_s);
}

}  // namespace

Metrics::Metrics(std::string version) : version_(std::move(version)) {}

void Metrics::looked(const pipeline::Looked& looked, Nanoseconds now) {
  const Nanoseconds stamp = looked.frame->stamp.monotonic;
  add(Stage::wait, looked.began - stamp);
  if (looked.decision.reason != pipeline::GateReason::off) add(Stage::gate, looked.gate);
  const std::pair<Stage, Nanoseconds> maybe[] = {
      {Stage::decode, looked.timing.decode}, {Stage::preprocess, looked.timing.preprocess},
      {Stage::infer, looked.timing.infer},   {Stage::decode_findings, looked.timing.postprocess},
      {Stage::analysis, looked.analysis},
  };
  for (const auto& [stage, took] : maybe)
    if (took > Nanoseconds{0}) add(stage, took);
  add(Stage::observation, now - stamp);
}

void Metrics::committed(Nanoseconds since_stamp) {
  add(Stage::commit, since_stamp);
}

void Metrics::add(Stage stage, Nanoseconds took) {
  stages_[static_cast<std::size_t>(stage)].add(took);
}

std::string Metrics::text(const MetricsState& state) const {
  MetricsText text;
  text.family("perch_build_info", Kind::gauge, "The program");
  text.sample({{"version", version_}}, std::uint64_t{1});
  text.family("perch_stage_seconds", Kind::histogram, "How long a frame took in each stage of its way");
  for (std::size_t i = 0; i < stages_.size(); ++i) text.sample({{"stage", kStageNames[i]}}, stages_[i]);
  write_cameras(text, state.cameras);
  if (state.journal) write_journal(text, *state.journal);
  text.single("perch_readings_dropped_total", Kind::counter, "Readings given up before the journal took them",
              state.readings_dropped);
  text.single("perch_pictures_dropped_total", Kind::counter, "Pictures given up while their readings waited",
              state.pictures_dropped);
  if (state.has_pictures) {
    text.single("perch_pictures", Kind::gauge, "Pictures that are kept", state.pictures);
    text.single("perch_pictures_bytes", Kind::gauge, "What they take on the disk", state.picture_bytes);
  }
  text.single("perch_live_clients", Kind::gauge, "Clients that listen to what happens", state.live_clients);
  text.single("perch_live_dropped_total", Kind::counter, "Clients dropped because they did not keep up",
              state.live_dropped);
  text.single("perch_stream_viewers", Kind::gauge, "Viewers of camera streams", state.stream_viewers);
  text.single("perch_http_connections", Kind::gauge, "Open connections", state.http_connections);
  write_process(text);
  return text.text();
}

}  // namespace perch::edge
