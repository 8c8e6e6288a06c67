#include "learn/compare.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "model/predictor.hpp"
#include "model/session.hpp"

namespace perch::learn {

namespace {

constexpr int kRounds = 40;
constexpr int kWarmUpRounds = 3;
constexpr float kLeastScore = 0.01F;

double core_ms_of_thread() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// One model of a comparison: as its card has it, and for detectors from low scores up as well.
struct Candidate {
  std::shared_ptr<const model::Model> model, eager;

  static Result<Candidate> load(const std::string& name, const Registry& registry, const model::LoadOptions& options) {
    Candidate made;
    PERCH_TRY(made.model, model::Model::load(name, registry, options));
    made.eager = made.model;
    if (made.model->card().task != model::Task::detect) return made;
    model::LoadOptions low = options;
    low.min_score = kLeastScore;
    PERCH_TRY(made.eager, model::Model::load(name, registry, low));
    return made;
  }
};

/// Looks at the exam and fills in what a model is worth; returns what it found with its card's thresholds.
Result<std::vector<Findings>> examine(const Candidate& candidate, const Exam& exam, Compared& into,
                                      const LookProgress& progress) {
  into.id = candidate.model->id();
  into.bytes = candidate.model->file_bytes();
  PERCH_TRY(std::vector<Findings> found, look_at(candidate.model, exam, progress));
  if (!exam.labelled) return found;
  if (candidate.eager == candidate.model) {
    into.measures = measure(exam, candidate.model->card().task, found);
    return found;
  }
  PERCH_TRY(const std::vector<Findings> all, look_at(candidate.eager, exam, progress));
  into.measures = measure(exam, candidate.model->card().task, all);
  into.measures.push_back({"F1", f1_of(exam, found)});
  return found;
}

}  // namespace

Result<std::vector<double>> core_ms_in_turns(const std::vector<std::shared_ptr<const model::Model>>& models,
                                             int rounds) {
  std::vector<model::Runner> runners;
  for (const auto& model : models) {
    runners.emplace_back(model->session(), model::element_shape(model->format()));
    runners.back().input(1, 0);
  }
  std::vector<std::vector<double>> times(models.size());
  for (int round = -kWarmUpRounds; round < rounds; ++round) {
    for (std::size_t m = 0; m < models.size(); ++m) {
      const double start = core_ms_of_thread();
      PERCH_TRY(const Tensors* ran, runners[m].run(1));
      static_cast<void>(ran);
      if (round >= 0) times[m].push_back(core_ms_of_thread() - start);
    }
  }
  std::vector<double> medians;
  for (std::vector<double>& each : times) medians.push_back(median(std::move(each)));
  return medians;
}

double Comparison::loss() const {
  if (!a.measures.empty() && !b.measures.empty()) return a.measures.front().value - b.measures.front().value;
  return 1 - agreement;
}

Result<Comparison> compare(const std::string& a, const std::string& b, const Exam& exam, const Registry& registry,
                           const model::LoadOptions& options, const std::function<void(double)>& progress) {
  PERCH_TRY(const Candidate first, Candidate::load(a, registry, options));
  PERCH_TRY(const Candidate second, Candidate::load(b, registry, options));
  const model::Card &card_a = first.model->card(), &card_b = second.model->card();
  if (card_a.task != card_b.task)
    return fail(Errc::mismatch, fmt::format("the models answer different questions: {} and {}",
                                            config::enum_name(card_a.task), config::enum_name(card_b.task)));
  if (card_a.labels != card_b.labels) return fail(Errc::mismatch, "the models tell different things apart", b);
  PERCH_CHECK(expect_truth(exam, card_a.task));
  Comparison result;
  result.pictures = exam.pictures.size();
  double looked = 0;
  const bool twice = exam.labelled && card_a.task == model::Task::detect;
  const double looks = static_cast<double>(exam.pictures.size()) * (twice ? 4 : 2);
  const LookProgress step = [&] {
    if (progress) progress(++looked / looks);
  };
  PERCH_TRY(const std::vector<Findings> found_a, examine(first, exam, result.a, step));
  PERCH_TRY(const std::vector<Findings> found_b, examine(second, exam, result.b, step));
  result.agreement = agreement(found_a, found_b);
  result.nothing_found = !found_anything(found_a) && !found_anything(found_b);
  PERCH_TRY(const std::vector<double> times, core_ms_in_turns({first.model, second.model}, kRounds));
  result.a.core_ms = times[0];
  result.b.core_ms = times[1];
  result.speed_ratio = times[0] / times[1];
  return result;
}

}  // namespace perch::learn
