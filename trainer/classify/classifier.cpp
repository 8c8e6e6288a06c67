#include "classify/classifier.hpp"

#include <algorithm>
#include <cmath>

#include "core/publish.hpp"

namespace perch::trainer {

namespace {

constexpr int kProofs = 4;

std::vector<std::vector<float>> answers_of(ClassifyLearner& learner, ClassifyPictures& pictures) {
  std::vector<std::vector<float>> out;
  for (int i = 0; i < pictures.held_out(); ++i) out.push_back(learner.predict(pictures.held_out_picture(i)));
  return out;
}

std::vector<Proof> proofs_of(ClassifyLearner& learner, ClassifyPictures& pictures, const ClassifyNetConfig& network) {
  std::vector<Proof> proofs;
  for (int i = 0; i < std::min(kProofs, pictures.held_out()); ++i) {
    const std::vector<float> input = pictures.held_out_picture(i);
    proofs.push_back({input, {network.channels_in, network.height, network.width}, {learner.predict(input)}});
  }
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

Result<Outcome> train_classifier(const Job& job, const ClassifyNetConfig& network, ClassifyPictures& pictures,
                                 const model::Card& card, const std::string& metric_name) {
  const LoopConfig config = loop_config(job, metric_name);
  job.say(learn::TrainStart{job.settings.kind, job.settings.model_name(), pictures.train_count(), pictures.held_out(),
                            config.epochs, 0});
  const auto learner = make_classify_learner(network, pictures);
  PERCH_TRY(const LoopResult result, run_loop(*learner, config, job.say, job.clock, job.stop));
  learner->scale_logits(best_scale(answers_of(*learner, pictures), pictures.held_out_classes()));
  pictures.judge(answers_of(*learner, pictures));

  const std::string onnx = learner->to_onnx();
  PERCH_TRY(const double difference, compare_export(onnx, proofs_of(*learner, pictures, network)));
  learn::TrainReport report = report_of(job, result);
  report.measured_on = "validation";
  pictures.write(report);
  report.metrics.push_back({"export difference", difference, "", kProofs});
  const double metric = report.metrics.front().value;
  PERCH_CHECK(publish(job.settings, onnx, card, std::move(report)));
  job.say(learn::TrainDone{result.stopped, result.why, model_path(job.settings), report_path(job.settings), metric_name,
                           metric, result.seconds});
  return Outcome{result.stopped};
}

}  // namespace perch::trainer
