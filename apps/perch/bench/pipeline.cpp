#include "bench/pipeline.hpp"

#include <algorithm>
#include <numeric>
#include <thread>

#include <fmt/format.h>

#include "bench/live_client.hpp"
#include "bench/rig.hpp"
#include "bench/views.hpp"
#include "cmd_model.hpp"
#include "model/model.hpp"
#include "seam/registry.hpp"

namespace perch::bench {

namespace {

using namespace std::chrono_literals;

/// Distinct pictures of each camera.
constexpr int kViewsEach = 4;
constexpr int kStillScenes = 8, kStillVariants = 8;
constexpr Nanoseconds kStillEvery = 200ms;
constexpr Milliseconds kShortestEvery{10};  ///< that a camera may have
/// Starts of the daemon, for the time to its first observation.
constexpr int kStarts = 3;
constexpr Seconds kStartPatience{60};
/// For what is under way to end before the limit is measured, and for the pipeline to fill again.
constexpr Seconds kDrain{0.5}, kFill{1};
/// Of each slice: inference alone, and each number of workers when the best is looked for.
constexpr double kInferencePart = 0.25, kTrialPart = 0.5;
/// Before a run at an interval is measured: the first pictures, a background for the gates.
constexpr Seconds kSettle{3};
constexpr int kSettledLooks = 5;

int cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

/// One benchmark under way.
class Bench {
 public:
  Bench(const PipelinePlan& plan, const std::function<bool()>& tick) : plan_(plan), patience_(tick) {}

  Result<PipelineReport> run() {
    PERCH_CHECK(prepare());
    if (plan_.slices > 0) {
      PERCH_TRY(report_.throughput, throughput());
    }
    if (plan_.load && report_.throughput) {
      report_.load_part = *plan_.load;
      const Seconds every(interval_for(plan_.cameras, report_.throughput->of.fps, *plan_.load));
      PERCH_TRY(report_.load, steady(moving(), std::max(kShortestEvery, std::chrono::ceil<Milliseconds>(every))));
    }
    if (plan_.still > 0) {
      PERCH_TRY(report_.still, still());
    }
    if (plan_.every) {
      PERCH_TRY(report_.steady, steady(moving(), *plan_.every));
    }
    return std::move(report_);
  }

 private:
  /// Cameras to watch, and how.
  struct Scene {
    CameraProcess& cameras;
    int count;
    bool gate;
  };

  Result<void> prepare();
  Result<ThroughputReport> throughput();
  Result<double> limit(cli::BenchStage stage, int workers, Seconds time, std::vector<double>* cpu_ms = nullptr);
  Result<int> best_workers();
  Result<Pair> slice(Edge& edge, ThroughputReport& report);
  Result<SteadyReport> still();
  Result<SteadyReport> steady(const Scene& scene, Nanoseconds every);
  Result<void> settle(Edge& edge, int count);
  Result<void> watch(Edge& edge, SteadyReport& report);

  Scene moving() { return {*cameras_, plan_.cameras, false}; }

  EdgePlan edge_plan(const Scene& scene, Nanoseconds every) const {
    return {
        scene.count, scene.cameras.port(), std::filesystem::absolute(model_->path()).string(), {}, every, scene.gate,
        analysis_};
  }

  std::filesystem::path folder() { return workplace_->path() / fmt::format("{}", folders_++); }

  const PipelinePlan& plan_;
  Patience patience_;
  PipelineReport report_;
  Registry registry_;
  std::optional<Workplace> workplace_;
  std::shared_ptr<const model::Model> model_;
  std::string analysis_;
  std::vector<Bytes> views_;
  std::optional<CameraProcess> cameras_;
  int folders_ = 0;

  // What slices measure beside their rates.
  std::vector<double> inference_ms_, together_ms_, limit_cpu_ms_, edge_cpu_ms_, camera_cpu_ms_;
};

Result<void> Bench::prepare() {
  describe_all(registry_);
  model::LoadOptions options;
  if (!plan_.models.empty()) options.folders = {plan_.models};
  PERCH_TRY(model_, model::Model::load(plan_.model, registry_, options));
  PERCH_TRY(analysis_, analysis_for(model_->card(), registry_));
  PERCH_TRY(views_, make_views(plan_.pictures, plan_.cameras * kViewsEach));
  PERCH_TRY(workplace_, Workplace::make());
  PERCH_TRY(cameras_, CameraProcess::start(views_, kViewsEach, folder()));
  report_.model = model_->id();
  report_.cores = cores();
  report_.cameras = plan_.cameras;
  const std::size_t bytes = std::accumulate(views_.begin(), views_.end(), std::size_t{0},
                                            [](std::size_t sum, const Bytes& view) { return sum + view.size(); });
  report_.picture_kb = static_cast<double>(bytes) / static_cast<double>(views_.size()) / 1e3;
  return {};
}

/// Rounds a second of one stage in tight loops; of inference the time of a round on a core, in ms.
Result<double> Bench::limit(cli::BenchStage stage, int workers, Seconds time, std::vector<double>* cpu_ms) {
  cli::BenchPlan plan{model_, {}, {workers}, time, {stage}};
  plan.pictures = views_;
  PERCH_TRY(const std::vector<cli::BenchResult> results, cli::bench_model(plan));
  PERCH_CHECK(patience_.spent(time));
  if (cpu_ms) cpu_ms->push_back(results.front().cpu_ms);
  if (stage == cli::BenchStage::all) return results.front().per_second;
  return workers == 1 ? results.front().p50_ms : 1e3 * workers / results.front().per_second;
}

/// The number of workers, of 1 up to one more than cores, with which the limit is highest.
Result<int> Bench::best_workers() {
  std::pair<double, int> best{0, 1};
  for (int workers = 1; workers <= cores() + 1; ++workers) {
    PERCH_TRY(const double rate, limit(cli::BenchStage::all, workers, plan_.slice * kTrialPart));
    best = std::max(best, {rate, workers});
  }
  return best.second;
}

Result<Pair> Bench::slice(Edge& edge, ThroughputReport& report) {
  PERCH_CHECK(cameras_->hold());
  PERCH_CHECK(patience_.wait(kDrain));
  PERCH_TRY(const double inference, limit(cli::BenchStage::infer, 1, plan_.slice * kInferencePart));
  inference_ms_.push_back(inference);
  PERCH_TRY(const double together, limit(cli::BenchStage::infer, cores(), plan_.slice * kInferencePart));
  together_ms_.push_back(together);
  Pair pair;
  PERCH_TRY(pair.limit_fps, limit(cli::BenchStage::all, report.limit_workers, plan_.slice, &limit_cpu_ms_));
  PERCH_CHECK(cameras_->go());
  PERCH_CHECK(patience_.wait(std::min(kFill, plan_.slice)));
  PERCH_TRY(const ProcessUse edge_before, edge.use());
  PERCH_TRY(const ProcessUse cameras_before, cameras_->use());
  PERCH_TRY(const EdgeCounts before, edge.counts());
  PERCH_CHECK(patience_.wait(plan_.slice));
  PERCH_TRY(const EdgeCounts after, edge.counts());
  PERCH_TRY(const ProcessUse edge_after, edge.use());
  PERCH_TRY(const ProcessUse cameras_after, cameras_->use());
  const double looked = after.looked - before.looked;
  pair.fps = looked / Seconds(after.at - before.at).count();
  edge_cpu_ms_.push_back(1e3 * (edge_after.cpu - edge_before.cpu).count() / std::max(looked, 1.0));
  camera_cpu_ms_.push_back(1e3 * (cameras_after.cpu - cameras_before.cpu).count() / std::max(looked, 1.0));
  return pair;
}

Result<ThroughputReport> Bench::throughput() {
  ThroughputReport report;
  std::vector<double> first_ms;
  std::optional<Edge> edge;
  for (int start = 0; start < kStarts; ++start) {
    if (edge) edge->stop();
    PERCH_TRY(edge, Edge::start(edge_plan(moving(), 0ns), folder()));
    PERCH_TRY(const Seconds first, edge->first_observation(kStartPatience));
    PERCH_CHECK(patience_.spent(first));
    first_ms.push_back(first.count() * 1e3);
  }
  report.first_observation_ms = median(first_ms);

  PERCH_CHECK(cameras_->hold());
  PERCH_CHECK(patience_.wait(kDrain));
  PERCH_TRY(report.limit_workers, best_workers());
  for (int i = 0; i < plan_.slices; ++i) {
    PERCH_TRY(const Pair pair, slice(*edge, report));
    report.pairs.push_back(pair);
  }
  PERCH_TRY(const ProcessUse use, edge->use());
  PERCH_TRY(const EdgeCounts counts, edge->counts());
  edge->stop();
  report.resident_mb = megabytes(use.resident_bytes);
  report.peak_mb = megabytes(use.peak_bytes);
  report.skipped = counts.frames > 0 ? counts.skipped / counts.frames : 0;
  report.of = compare(report.pairs);
  report.inference_ms = median(inference_ms_);
  report.core_share = report.of.fps * report.inference_ms / 1e3 / cores();
  report.inference_together_ms = median(together_ms_);
  report.core_share_together = report.of.fps * report.inference_together_ms / 1e3 / cores();
  report.limit_cpu_ms = median(limit_cpu_ms_);
  report.edge_cpu_ms = median(edge_cpu_ms_);
  report.camera_cpu_ms = median(camera_cpu_ms_);
  return report;
}

Result<SteadyReport> Bench::still() {
  PERCH_TRY(const std::vector<Bytes> views,
            make_still_views(plan_.pictures, kStillScenes, kStillVariants, plan_.noise));
  PERCH_TRY(CameraProcess cameras, CameraProcess::start(views, kStillVariants, folder()));
  return steady({cameras, plan_.still, true}, kStillEvery);
}

/// Waits until each camera has been looked at a few times, on average.
Result<void> Bench::settle(Edge& edge, int count) {
  PERCH_TRY(const Seconds first, edge.first_observation(kStartPatience));
  PERCH_CHECK(patience_.spent(first));
  for (Seconds waited{0}; waited < kStartPatience; waited += Seconds{1}) {
    PERCH_TRY(const EdgeCounts counts, edge.counts());
    if (counts.looked >= kSettledLooks * count) break;
    PERCH_CHECK(patience_.wait(Seconds{1}));
  }
  return patience_.wait(std::min(kSettle, plan_.duration));
}

/// Lets it run, and looks at its memory once a second.
Result<void> Bench::watch(Edge& edge, SteadyReport& report) {
  std::vector<double> resident_mb;
  const auto end = std::chrono::steady_clock::now() + plan_.duration;
  while (std::chrono::steady_clock::now() < end) {
    PERCH_TRY(const ProcessUse use, edge.use());
    resident_mb.push_back(megabytes(use.resident_bytes));
    report.peak_mb = megabytes(use.peak_bytes);
    PERCH_CHECK(patience_.wait(std::min<Seconds>(Seconds{1}, end - std::chrono::steady_clock::now())));
  }
  const Ends resident = ends(resident_mb);
  report.resident_first_mb = resident.first;
  report.resident_last_mb = resident.last;
  return {};
}

Result<SteadyReport> Bench::steady(const Scene& scene, Nanoseconds every) {
  SteadyReport report;
  report.cameras = scene.count;
  report.every_ms = Seconds(every).count() * 1e3;
  PERCH_TRY(Edge edge, Edge::start(edge_plan(scene, every), folder()));
  PERCH_CHECK(settle(edge, scene.count));
  std::optional<LiveClient> live;
  if (!scene.gate) {
    PERCH_TRY(live, LiveClient::connect(edge.port()));
  }
  PERCH_TRY(const ProcessUse edge_before, edge.use());
  PERCH_TRY(const ProcessUse cameras_before, scene.cameras.use());
  PERCH_TRY(const EdgeCounts before, edge.counts());
  if (live) {
    PERCH_CHECK(live->take());
  }
  PERCH_CHECK(watch(edge, report));
  PERCH_TRY(const EdgeCounts after, edge.counts());
  PERCH_TRY(const ProcessUse edge_after, edge.use());
  PERCH_TRY(const ProcessUse cameras_after, scene.cameras.use());
  report.seconds = Seconds(after.at - before.at).count();
  report.looked = after.looked - before.looked;
  report.still = after.still - before.still;
  report.skipped = after.skipped - before.skipped;
  report.missed = after.missed - before.missed;
  report.failures = after.failures - before.failures + after.broken - before.broken;
  const double frames = after.frames - before.frames;
  report.asked = frames + report.missed + report.failures;
  report.uncounted = frames - report.looked - report.skipped;
  report.edge_cores = (edge_after.cpu - edge_before.cpu).count() / report.seconds;
  report.camera_cores = (cameras_after.cpu - cameras_before.cpu).count() / report.seconds;
  if (live) {
    PERCH_TRY(const LiveTimes times, live->take());
    for (const auto& [name, values] : times)
      report.ms[name] = {values.size(), percentile(values, 0.5), percentile(values, 0.99)};
  }
  edge.stop();
  return report;
}

}  // namespace

Seconds time_needed(const PipelinePlan& plan) {
  Seconds sum{0};
  if (plan.slices > 0) {
    sum += Seconds{kStarts} + plan.slice * kTrialPart * (cores() + 1);
    sum += plan.slices * (kDrain + kFill + plan.slice * (2 + kInferencePart));
  }
  const int runs = (plan.load ? 1 : 0) + (plan.still > 0 ? 1 : 0) + (plan.every ? 1 : 0);
  return sum + runs * (plan.duration + kSettle + Seconds{1});
}

Result<PipelineReport> bench_pipeline(const PipelinePlan& plan, const std::function<bool()>& tick) {
  return Bench(plan, tick).run();
}

}  // namespace perch::bench
