#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <thread>

#include "cmd_model.hpp"
#include "image/codec.hpp"
#include "model/predictor.hpp"
#include "model/preprocess.hpp"
#include "model/session.hpp"

namespace perch::cli {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kWarmUpRounds = 3;

/// Does one round of a stage; `round` counts from 0.
using Round = std::function<Result<void>(std::size_t round)>;

Round infer_round(const BenchPlan& plan) {
  auto runner = std::make_shared<model::Runner>(plan.model->session(), model::element_shape(plan.model->format()));
  runner->input(1, 0);
  return [runner](std::size_t) -> Result<void> {
    PERCH_TRY(const Tensors* tensors, runner->run(1));
    static_cast<void>(tensors);
    return {};
  };
}

Round decode_round(const BenchPlan& plan) {
  struct Memory {
    image::PictureDecoder decoder;
    image::Picture picture;
  };

  return [&plan, memory = std::make_shared<Memory>()](std::size_t round) -> Result<void> {
    const Bytes& bytes = plan.pictures[round % plan.pictures.size()];
    PERCH_TRY(const image::PictureInfo info, memory->decoder.probe(bytes));
    const image::Size needed = model::needed_size(plan.model->card().input, info.size, {});
    PERCH_TRY(const image::Size full, memory->decoder.decode(bytes, memory->picture, needed));
    static_cast<void>(full);
    return {};
  };
}

Round whole_round(const BenchPlan& plan) {
  auto predictor = std::make_shared<model::Predictor>(plan.model);
  return [&plan, predictor, found = std::make_shared<Findings>()](std::size_t round) -> Result<void> {
    model::Timing timing;
    found->clear();
    PERCH_TRY(const image::Size full,
              predictor->predict(plan.pictures[round % plan.pictures.size()], {}, *found, timing));
    static_cast<void>(full);
    return {};
  };
}

Round make_round(BenchStage stage, const BenchPlan& plan) {
  switch (stage) {
    case BenchStage::infer:
      return infer_round(plan);
    case BenchStage::decode:
      return decode_round(plan);
    case BenchStage::all:
      break;
  }
  return whole_round(plan);
}

/// What one worker measured.
struct Share {
  std::vector<double> latencies_ms;
  double cpu_ms = 0;
  Result<void> outcome;
};

double thread_cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

void work(const Round& round, std::size_t first, SteadyClock::time_point end, Share& share) {
  const double cpu_before_ms = thread_cpu_ms();
  for (std::size_t i = first;; ++i) {
    const auto start = SteadyClock::now();
    if (start >= end && !share.latencies_ms.empty()) break;
    share.outcome = round(i);
    if (!share.outcome) break;
    share.latencies_ms.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count());
  }
  share.cpu_ms = thread_cpu_ms() - cpu_before_ms;
}

double percentile(std::vector<double>& values, double part) {
  const auto at = static_cast<std::size_t>(std::lround(part * static_cast<double>(values.size() - 1)));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

Result<BenchResult> bench_stage(BenchStage stage, int workers, const BenchPlan& plan) {
  std::vector<Round> rounds;
  for (int i = 0; i < workers; ++i) {
    rounds.push_back(make_round(stage, plan));
    for (std::size_t round = 0; round < kWarmUpRounds; ++round) PERCH_CHECK(rounds.back()(round));
  }
  std::vector<Share> shares(rounds.size());
  const auto start = SteadyClock::now();
  const auto end = start + std::chrono::duration_cast<SteadyClock::duration>(plan.each);
  const std::size_t apart = plan.pictures.size() / rounds.size();  // workers start with different pictures
  {
    std::vector<std::jthread> threads;  // joined here: nothing that they use may be younger
    for (std::size_t i = 0; i < rounds.size(); ++i)
      threads.emplace_back([&, i] { work(rounds[i], i * apart, end, shares[i]); });
  }
  const double elapsed_s = Seconds(SteadyClock::now() - start).count();
  std::vector<double> latencies_ms;
  double cpu_ms = 0;
  for (Share& share : shares) {
    PERCH_CHECK(share.outcome);
    cpu_ms += share.cpu_ms;
    latencies_ms.insert(latencies_ms.end(), share.latencies_ms.begin(), share.latencies_ms.end());
  }
  return BenchResult{stage,
                     workers,
                     static_cast<double>(latencies_ms.size()) / elapsed_s,
                     percentile(latencies_ms, 0.5),
                     percentile(latencies_ms, 0.99),
                     cpu_ms / static_cast<double>(latencies_ms.size())};
}

}  // namespace

std::string_view name(BenchStage stage) {
  constexpr std::array<std::string_view, 3> kNames{"infer", "decode", "all"};
  return kNames[static_cast<std::size_t>(stage)];
}

Result<std::vector<BenchResult>> bench_model(const BenchPlan& plan) {
  std::vector<BenchStage> stages = plan.stages;
  if (stages.empty()) stages.push_back(BenchStage::infer);
  if (plan.stages.empty() && !plan.pictures.empty()) stages.insert(stages.end(), {BenchStage::decode, BenchStage::all});
  std::vector<BenchResult> results;
  for (const BenchStage stage : stages) {
    for (const int workers : plan.workers) {
      PERCH_TRY(const BenchResult result, bench_stage(stage, workers, plan));
      results.push_back(result);
    }
  }
  return results;
}

}  // namespace perch::cli
