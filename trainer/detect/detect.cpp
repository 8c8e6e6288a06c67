#include "detect/detect.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "core/publish.hpp"
#include "detect/feed.hpp"
#include "model/model.hpp"
#include "model/predictor.hpp"
#include "seam/registry.hpp"

namespace perch::trainer {

namespace {

constexpr std::array kNmsIous{0.3, 0.4, kUsualNmsIou, 0.5, 0.6, 0.7};
constexpr int kCellGrain = 32;  // px: the largest stride
constexpr int kDetectProofs = 3;
constexpr float kLowThreshold = 0.02F;
constexpr std::size_t kLeastTestPictures = 20;  // pictures; with fewer the held-out ones say more

Result<model::Card> detect_card(const Job& job) {
  const learn::DetectSettings& settings = job.settings.detect;
  if (settings.width % kCellGrain != 0 || settings.height % kCellGrain != 0)
    return fail(Errc::invalid, fmt::format("{} x {} px are not whole {}s", settings.width, settings.height, kCellGrain),
                "detect.width, detect.height", "320 and 192, for example");
  model::Card card = card_of(job.settings);
  card.task = model::Task::detect;
  card.help = fmt::format("Made for places like those of the data set '{}'.", job.data.info().name);
  card.labels = settings.labels.empty() ? job.data.info().labels : settings.labels;
  for (const std::string& label : card.labels)
    if (job.data.label_index(label) < 0)
      return fail(Errc::invalid, fmt::format("the data set has no label '{}'", label), "detect.labels",
                  suggest(label, job.data.info().labels));
  card.title = fmt::format("Boxes of {}", fmt::join(card.labels, ", "));
  card.input.name = "images";
  card.input.width = settings.width;
  card.input.height = settings.height;
  card.input.fit = model::Fit::letterbox;
  card.input.scale = 1.0F / 255;
  card.input.fill = {114};
  card.decoder.table = config::Node{config::Table{}};
  card.decoder.table.set("kind", config::Node{std::string("yolox")});
  card.decoder.table.set("nms_iou", config::Node{kUsualNmsIou});
  return card;
}

DetectNetConfig detect_network(const Job& job, const model::Card& card) {
  return {card.input.width,
          card.input.height,
          job.settings.detect.channels,
          static_cast<int>(card.labels.size()),
          job.settings.detect.learning_rate,
          job.settings.seed,
          job.settings.threads};
}

std::vector<Proof> proofs_of(DetectLearner& learner, DetectPictures& pictures) {
  std::vector<Proof> proofs;
  for (int i = 0; i < std::min(kDetectProofs, pictures.held_out()); ++i) {
    const std::vector<float>& input = pictures.held_out_picture(i);
    proofs.push_back({input, {}, {learner.predict(input)}});
  }
  return proofs;
}

/// Chooses the overlap above which two boxes are one thing by the held-out pictures, as the threshold is: cars side by
/// side overlap less than people who meet. Leaves the pictures as last judged with it.
Result<double> choose_nms(DetectLearner& learner, DetectPictures& pictures) {
  double best = kUsualNmsIou, best_f1 = learner.evaluate();
  for (const double iou : kNmsIous) {
    PERCH_CHECK(pictures.merge_above(iou));
    if (const double f1 = learner.evaluate(); f1 > best_f1) {
      best = iou;
      best_f1 = f1;
    }
  }
  PERCH_CHECK(pictures.merge_above(best));
  learner.evaluate();
  return best;
}

/// Rounded, so that the card has no digits that mean nothing.
float rounded_threshold(float threshold) {
  return std::round(threshold * 100) / 100;
}

/// Measures the published files themselves, through the edge's own way from the bytes of a picture to its findings.
Result<void> measure_test(const Job& job, const std::vector<DetectExample>& test, float threshold,
                          learn::TrainReport& report) {
  Registry registry;
  describe_all(registry);
  model::LoadOptions options;
  options.min_score = kLowThreshold;
  PERCH_TRY(const auto model, model::Model::load(model_path(job.settings), registry, options));
  model::Predictor predictor(model);
  learn::DetectionMeter meter(model->card().labels);
  Findings findings;
  model::Timing timing;
  for (const DetectExample& example : test) {
    findings.clear();
    PERCH_CHECK(predictor.predict(example.bytes, {}, findings, timing));
    meter.add(example.name, findings.detections, example.things, example.conditions);
  }
  meter.write(threshold, report);
  return {};
}

}  // namespace

Result<Outcome> train_detect(const Job& job) {
  PERCH_TRY(model::Card card, detect_card(job));
  PERCH_TRY(const auto pictures, DetectPictures::create(job.data, job.settings, card, job.say));
  const LoopConfig config = loop_config(job, "F1");
  job.say(learn::TrainStart{job.settings.kind, job.settings.model_name(),
                            static_cast<std::int64_t>(pictures->train_count()), pictures->held_out(), config.epochs,
                            epochs_done(config)});
  const auto learner = make_detect_learner(detect_network(job, card), *pictures);
  PERCH_TRY(const LoopResult result, run_loop(*learner, config, job.say, job.clock, job.stop));
  PERCH_TRY(const double nms_iou, choose_nms(*learner, *pictures));
  card.decoder.table.set("nms_iou", config::Node{nms_iou});
  const float threshold = rounded_threshold(learn::best_f1(pictures->meter().curve()).threshold);
  card.decoder.table.set("min_score", config::Node{static_cast<double>(threshold)});

  std::vector<Proof> proofs = proofs_of(*learner, *pictures);
  for (Proof& proof : proofs) proof.input_shape = {3, card.input.height, card.input.width};
  const std::string onnx = learner->to_onnx();
  PERCH_TRY(const double difference, compare_export(onnx, proofs));

  learn::TrainReport report = report_of(job, result);
  report.measured_on = "validation; " + to_text(pictures->rule());
  learn::TrainReport final_report = report;
  pictures->meter().write(threshold, final_report);
  PERCH_CHECK(publish(job.settings, onnx, card, final_report));
  const std::vector<DetectExample> test = pictures->take_test();
  if (test.size() >= kLeastTestPictures) {
    report.measured_on = "test, by the published model; " + to_text(pictures->rule());
    PERCH_CHECK(measure_test(job, test, threshold, report));
    final_report = report;
  }
  final_report.metrics.push_back({"export difference", difference, "", kDetectProofs});
  PERCH_CHECK(publish(job.settings, onnx, card, final_report));
  job.say(learn::TrainDone{result.stopped, result.why, model_path(job.settings), report_path(job.settings), "F1",
                           final_report.metrics.front().value, result.seconds});
  return Outcome{result.stopped};
}

}  // namespace perch::trainer
