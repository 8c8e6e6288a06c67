#include "classify/classifier.hpp"

#include <algorithm>
#include <cmath>

#include "core/publish.hpp"

namespace perch::trainer {

namespace {

constexpr int kProofs = 4;

std::vector<Proof> proofs_of(ClassifyLearner& learner, ClassifyPictures& pictures,
                             const std::vector<std::int64_t>& input_shape) {
  std::vector<Proof> proofs;
  for (int i = 0; i < std::min(kProofs, pictures.held_out()); ++i)
    proofs.push_back({pictures.proof_input(i), input_shape, {learner.predict(pictures.held_out_picture(i))}});
  return proofs;
}

}  // namespace

std::vector<float> softmax(const std::vector<float>& logits, float factor) {
  const float most = *std::max_element(logits.begin(), logits.end());
  std::vector<float> p;
  float sum = 0;
  for (const float logit : logits) sum += p.emplace_back(std::exp((logit - most) * factor));
  for (float& value : p) value /= sum;
  return p;
}

float best_scale(const std::vector<std::vector<float>>& logits, const std::vector<std::size_t>& classes) {
  constexpr float kLeastP = 1e-6F;  // one label that is wrong must not decide
  float best = 1;
  double least = 1e30;
  for (float factor = 0.3F; factor <= 3; factor *= 1.05F) {
    double loss = 0;
    for (std::size_t i = 0; i < logits.size(); ++i)
      loss -= std::log(std::max(kLeastP, softmax(logits[i], factor)[classes[i]]));
    if (loss < least) least = loss, best = factor;
  }
  return best;
}

double ClassifyPictures::judge(const std::vector<std::vector<float>>& logits) {
  logits_.clear();
  answers_.clear();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    logits_.push_back(logits_of(static_cast<int>(i), logits[i]));
    answers_.push_back(softmax(logits_.back()));
  }
  return score();
}

double ClassifyPictures::metric_error() const {
  if (answers_.empty()) return 0;
  const double right = score();
  return std::sqrt(right * (1 - right) / static_cast<double>(answers_.size()));
}

Result<Outcome> train_classifier(const Job& job, ClassifyLearner& learner, ClassifyPictures& pictures,
                                 const model::Card& card, const std::vector<std::int64_t>& input_shape,
                                 const std::string& metric_name) {
  LoopConfig config = loop_config(job, metric_name);
  config.fingerprint += pictures.fingerprint();
  job.say(learn::TrainStart{job.settings.kind, job.settings.model_name(), pictures.train_count(), pictures.held_out(),
                            config.epochs, epochs_done(config)});
  PERCH_TRY(const LoopResult result, run_loop(learner, config, job.say, job.clock, job.stop));
  learner.evaluate();
  learner.scale_logits(best_scale(pictures.logits(), pictures.held_out_classes()));
  learner.evaluate();

  const std::string onnx = learner.to_onnx();
  PERCH_TRY(const double difference, compare_export(onnx, proofs_of(learner, pictures, input_shape)));
  const learn::Metric exported{"export difference", difference, "", kProofs};
  learn::TrainReport report = report_of(job, result);
  report.measured_on = "validation";
  pictures.write(report);
  report.metrics.push_back(exported);
  PERCH_CHECK(publish(job.settings, onnx, card, report));
  learn::TrainReport by_test = report_of(job, result);
  PERCH_TRY(const bool tested, pictures.write_test(job, by_test));
  if (tested) {
    by_test.metrics.push_back(exported);
    report = std::move(by_test);
    PERCH_CHECK(publish(job.settings, onnx, card, report));
  }
  job.say(learn::TrainDone{result.stopped, result.why, model_path(job.settings), report_path(job.settings), metric_name,
                           report.metrics.front().value, result.seconds});
  return Outcome{result.stopped};
}

}  // namespace perch::trainer
