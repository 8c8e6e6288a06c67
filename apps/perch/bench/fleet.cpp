#include "bench/fleet.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>
#include <thread>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "bench/edge_process.hpp"
#include "bench/live_client.hpp"
#include "bench/loops.hpp"
#include "bench/metrics_text.hpp"
#include "bench/node_process.hpp"
#include "bench/rig.hpp"
#include "model/model.hpp"
#include "net/fetch.hpp"
#include "node/fault.hpp"
#include "seam/registry.hpp"

namespace perch::bench {

namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr double kIllPart = 0.75;  // of a fault's turn
constexpr Seconds kFleetPatience{60};
constexpr Seconds kFleetSettles{10};
constexpr std::string_view kWell = "well-", kIll = "ill-";

/// Before a run is measured.
Seconds settle_time(const FleetPlan& plan) {
  return std::min(kFleetSettles, plan.duration);
}

/// Of each run without faults.
Seconds calm_time(const FleetPlan& plan) {
  return plan.calm.value_or(plan.duration / 2);
}

/// What /metrics says of the two kinds of cameras.
struct Counts {
  double looked = 0;
  double frames = 0, missed = 0, failures = 0;  ///< of those without faults
  double ill_failures = 0;
  SteadyClock::time_point at;
};

class FleetBench {
 public:
  FleetBench(const FleetPlan& plan, const std::function<bool()>& tick)
      : plan_(plan),
        patience_(tick),
        ill_(static_cast<int>(std::lround(plan.faulty * plan.count))) {}

  Result<FleetReport> run();

 private:
  Result<FleetRun> one_run(bool with_faults, Seconds duration);
  Result<void> add_cameras(NodeProcess& nodes, bool with_faults);
  std::string config(std::uint16_t port) const;
  Result<void> settle(Edge& edge);
  Result<void> watch(Edge& edge, NodeProcess& nodes, Seconds duration, FleetRun& run);
  Result<MetricsPage> metrics(Edge& edge);
  Result<Counts> counts(Edge& edge);
  Result<void> look_at_health(Edge& edge, FleetRun& run);

  bool is_ill(int camera) const { return camera < ill_; }

  std::string name_of(int camera) const { return fmt::format("{}{}", is_ill(camera) ? kIll : kWell, camera); }

  const FleetPlan& plan_;
  Patience patience_;
  int ill_;
  std::string model_, analysis_;
  std::optional<Workplace> workplace_;
  std::vector<std::filesystem::path> loops_;
  std::vector<std::uint16_t> ports_;  ///< of the cameras of this run
  std::vector<double> calm_ms_, faulty_ms_;
  int folders_ = 0;
};

Result<FleetReport> FleetBench::run() {
  Registry registry;
  describe_all(registry);
  model::LoadOptions options;
  if (!plan_.models.empty()) options.folders = {plan_.models};
  PERCH_TRY(const std::shared_ptr<const model::Model> model, model::Model::load(plan_.model, registry, options));
  model_ = std::filesystem::absolute(model->path()).string();
  PERCH_TRY(analysis_, analysis_for(model->card(), registry));
  PERCH_TRY(workplace_, Workplace::make());
  LoopPlan loops;
  loops.every = Seconds(plan_.every);
  loops.count = plan_.loops;
  PERCH_TRY(loops_, render_loops(loops, workplace_->path() / "loops"));
  FleetReport report;
  report.model = model->id();
  report.cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  report.cameras = plan_.count;
  report.faulty = ill_;
  for (int round = 0; round < plan_.rounds; ++round)
    for (const bool with_faults : {false, true, false}) {
      const Seconds duration = with_faults ? plan_.duration : calm_time(plan_);
      if (duration <= Seconds{0}) continue;
      PERCH_TRY(FleetRun one, one_run(with_faults, duration));
      report.runs.push_back(std::move(one));
    }
  report.calm_p99_ms = percentile(calm_ms_, 0.99);
  report.faulty_p99_ms = percentile(faulty_ms_, 0.99);
  return report;
}

Result<void> FleetBench::add_cameras(NodeProcess& nodes, bool with_faults) {
  ports_.clear();
  for (int i = 0; i < plan_.count; ++i) {
    std::vector<std::string> faults;
    if (with_faults && is_ill(i)) faults = fault_round(i, settle_time(plan_), plan_.fault_every);
    PERCH_TRY(const std::uint16_t port, nodes.add(i, faults));
    ports_.push_back(port);
  }
  return {};
}

std::string FleetBench::config(std::uint16_t port) const {
  std::string toml = fmt::format("device = \"bench\"\nlisten = \"127.0.0.1:{}\"\n", port);
  for (int i = 0; i < plan_.count; ++i)
    toml += fmt::format(
        R"(
[[camera]]
name = "{}"
source = {{ kind = "http", url = "http://127.0.0.1:{}/jpg" }}
every = "{}"
gate = {{ mode = "off" }}
  [[camera.task]]
  name = "look"
  model = {}
  analysis = {{ kind = "{}" }}
  record = "change"
)",
        name_of(i), ports_[static_cast<std::size_t>(i)], duration_text(plan_.every), toml_string(model_), analysis_);
  return toml;
}

Result<FleetRun> FleetBench::one_run(bool with_faults, Seconds duration) {
  FleetRun run;
  run.with_faults = with_faults;
  PERCH_TRY(NodeProcess nodes, NodeProcess::start(loops_, plan_.every));
  PERCH_CHECK(add_cameras(nodes, with_faults));
  PERCH_TRY(Edge edge, Edge::start([this](std::uint16_t port) { return config(port); },
                                   workplace_->path() / fmt::format("edge-{}", folders_++)));
  PERCH_CHECK(settle(edge));
  PERCH_TRY(LiveClient live, LiveClient::connect(edge.port(), std::string(kWell)));
  PERCH_TRY(const Counts before, counts(edge));
  PERCH_TRY(const ProcessUse edge_before, edge.use());
  PERCH_TRY(const ProcessUse nodes_before, nodes.use());
  PERCH_CHECK(live.take());
  PERCH_CHECK(watch(edge, nodes, duration, run));
  PERCH_TRY(const Counts after, counts(edge));
  PERCH_TRY(const ProcessUse edge_after, edge.use());
  PERCH_TRY(const ProcessUse nodes_after, nodes.use());
  PERCH_TRY(LiveTimes times, live.take());
  run.seconds = Seconds(after.at - before.at).count();
  run.looked = after.looked - before.looked;
  run.well_asked = after.frames - before.frames;
  run.well_missed = after.missed - before.missed;
  run.well_failures = after.failures - before.failures;
  run.ill_failures = after.ill_failures - before.ill_failures;
  run.edge_cores = (edge_after.cpu - edge_before.cpu).count() / run.seconds;
  run.node_cores = (nodes_after.cpu - nodes_before.cpu).count() / run.seconds;
  const std::vector<double>& total = times["total"];
  run.well_ms = {total.size(), percentile(total, 0.5), percentile(total, 0.99)};
  std::vector<double>& all = with_faults ? faulty_ms_ : calm_ms_;
  all.insert(all.end(), total.begin(), total.end());
  edge.stop();
  return run;
}

Result<void> FleetBench::settle(Edge& edge) {
  PERCH_TRY(const Seconds first, edge.first_observation(kFleetPatience));
  PERCH_CHECK(patience_.spent(first));
  return patience_.wait(settle_time(plan_));
}

Result<void> FleetBench::watch(Edge& edge, NodeProcess& nodes, Seconds duration, FleetRun& run) {
  std::vector<double> resident_mb;
  std::vector<int> descriptors;
  const auto end = SteadyClock::now() + std::chrono::ceil<Nanoseconds>(duration);
  while (SteadyClock::now() < end) {
    PERCH_TRY(const ProcessUse use, edge.use());
    resident_mb.push_back(megabytes(use.resident_bytes));
    descriptors.push_back(use.descriptors);
    run.peak_mb = megabytes(use.peak_bytes);
    PERCH_CHECK(look_at_health(edge, run));
    if (!nodes.running()) return fail(Errc::internal, "the simulated cameras have ended");
    PERCH_CHECK(patience_.wait(std::min<Seconds>(Seconds{1}, end - SteadyClock::now())));
  }
  if (resident_mb.empty()) return fail(Errc::invalid, "the run is too short");
  const Ends resident = ends(resident_mb);
  run.resident_first_mb = resident.first;
  run.resident_last_mb = resident.last;
  run.descriptors_first = descriptors.front();
  run.descriptors_last = descriptors.back();
  run.descriptors_most = std::ranges::max(descriptors);
  return {};
}

Result<MetricsPage> FleetBench::metrics(Edge& edge) {
  const Result<Bytes> text = net::fetch(fmt::format("http://127.0.0.1:{}/metrics", edge.port()));
  if (!text) return edge.trouble(text.error());
  return MetricsPage::parse(as_text(*text));
}

Result<Counts> FleetBench::counts(Edge& edge) {
  PERCH_TRY(const MetricsPage page, metrics(edge));
  Counts counts;
  counts.at = SteadyClock::now();
  counts.looked = page.sum("perch_camera_looked_total");
  for (const Sample& sample : page.samples()) {
    const auto camera = sample.labels.find("camera");
    if (camera == sample.labels.end()) continue;
    const bool well = camera->second.starts_with(kWell);
    const bool failed = sample.name == "perch_camera_failures_total" || sample.name == "perch_camera_broken_total";
    if (failed) (well ? counts.failures : counts.ill_failures) += sample.value;
    if (well && sample.name == "perch_camera_frames_total") counts.frames += sample.value;
    if (well && sample.name == "perch_camera_missed_total") counts.missed += sample.value;
  }
  return counts;
}

Result<void> FleetBench::look_at_health(Edge& edge, FleetRun& run) {
  PERCH_TRY(const MetricsPage page, metrics(edge));
  for (const Sample& sample : page.samples()) {
    if (sample.name != "perch_camera_health" || sample.value == 0) continue;
    const auto camera = sample.labels.find("camera"), health = sample.labels.find("health");
    if (camera == sample.labels.end() || health == sample.labels.end()) continue;
    ++(camera->second.starts_with(kWell) ? run.well_seen : run.ill_seen)[health->second];
  }
  return {};
}

}  // namespace

std::vector<std::string> fault_round(int turn, Seconds begin, Seconds every) {
  const std::span<const std::string_view> kinds = node::fault_names();
  const int count = static_cast<int>(kinds.size());
  std::vector<std::string> faults;
  for (int i = 0; i < count; ++i)
    faults.push_back(fmt::format("{}@{}+{}/{}", kinds[static_cast<std::size_t>((i + turn) % count)],
                                 ms_text(begin + i * every), ms_text(kIllPart * every), ms_text(count * every)));
  return faults;
}

Seconds time_needed(const FleetPlan& plan) {
  constexpr Seconds kRender{10}, kStart{5};
  return kRender + plan.rounds * (plan.duration + 2 * calm_time(plan) + 3 * (settle_time(plan) + kStart));
}

Result<FleetReport> bench_fleet(const FleetPlan& plan, const std::function<bool()>& tick) {
  return FleetBench(plan, tick).run();
}

}  // namespace perch::bench
