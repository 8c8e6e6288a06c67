#include "core/trainer.hpp"

#include <algorithm>
#include <filesystem>

#include "base/bytes.hpp"

namespace perch::trainer {

namespace {

constexpr std::size_t kMostProblemsSaid = 20;

/// The job and the pictures, so that a checkpoint is only resumed with what it was made with. Where things are kept and
/// how long training may take can change.
std::string fingerprint(const Job& job) {
  learn::TrainSettings settings = job.settings;
  settings.data.clear();
  settings.out.clear();
  settings.origin.clear();
  settings.time = Nanoseconds{0};
  settings.epochs = 1;
  settings.patience = 0;
  settings.threads = 0;
  std::string text = to_toml(settings);
  for (const learn::Sample& sample : job.data.samples()) text += sample.sha256;
  return sha256_hex(as_bytes(text));
}

void say_problems(const learn::Dataset& data, const Say& say) {
  const auto& problems = data.problems();
  for (std::size_t i = 0; i < std::min(problems.size(), kMostProblemsSaid); ++i)
    say(learn::TrainNote{problems[i].message(), true});
  if (problems.size() > kMostProblemsSaid)
    say(learn::TrainNote{
        "and " + std::to_string(problems.size() - kMostProblemsSaid) + " more that perch dataset check lists", true});
}

}  // namespace

LoopConfig loop_config(const Job& job, std::string metric_name) {
  LoopConfig config;
  config.epochs = job.settings.epochs;
  config.time = job.settings.time;
  config.patience = job.settings.patience;
  config.metric_name = std::move(metric_name);
  config.checkpoint = job.settings.checkpoint();
  config.fingerprint = fingerprint(job);
  config.resume = job.resume;
  return config;
}

learn::TrainReport report_of(const Job& job, const LoopResult& result) {
  learn::TrainReport report;
  report.data = job.data.info().origin;
  const auto count = [&](learn::Split split) { return static_cast<std::int64_t>(job.data.of_split(split).size()); };
  report.pictures_train = count(learn::Split::train);
  report.pictures_validation = count(learn::Split::validation);
  report.pictures_test = count(learn::Split::test);
  report.epochs = result.epochs;
  report.best_epoch = result.kept_epoch;
  report.seconds = result.seconds;
  report.ended = result.why;
  report.history = result.history;
  return report;
}

Result<Outcome> train(const learn::TrainSettings& settings, bool resume, const Say& say, const Clock& clock,
                      const std::atomic<bool>& stop) {
  PERCH_TRY(const learn::Dataset data,
            learn::Dataset::load(settings.data, [&](std::size_t, std::size_t) { return !stop.load(); }));
  say_problems(data, say);
  std::error_code error;
  std::filesystem::create_directories(settings.work_folder(), error);
  if (error) return fail(Errc::io, "cannot make the folder: " + error.message(), settings.work_folder().string());
  return find_kind(settings.kind).train(Job{settings, data, say, clock, stop, resume});
}

}  // namespace perch::trainer
