#include "anomaly/anomaly.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "anomaly/candidates.hpp"
#include "anomaly/frames.hpp"
#include "anomaly/tail.hpp"
#include "base/text.hpp"
#include "core/model_input.hpp"
#include "core/publish.hpp"

namespace perch::trainer {

namespace {

constexpr std::array kWays{ScoredBy::memory, ScoredBy::mahalanobis, ScoredBy::network};
constexpr std::size_t kLeastNormal = 32;   ///< frames to learn from
constexpr std::size_t kLeastHeldOut = 20;  ///< frames that a threshold can be chosen by
constexpr std::size_t kAnomalyProofs = 3;

model::Card anomaly_card(const Job& job, bool thermal) {
  const learn::AnomalySettings& settings = job.settings.anomaly;
  model::Card card = card_of(job.settings);
  card.task = model::Task::anomaly;
  card.title = "How unusual a frame is, and where";
  card.help =
      fmt::format("Knows the normal state of what the data set '{}' shows. 1 is the threshold.", job.data.info().name);
  card.input.name = "frames";
  card.input.width = settings.width;
  card.input.height = settings.height;
  card.input.colour = thermal ? image::ColourOrder::celsius : image::ColourOrder::rgb;
  if (!thermal) card.input.scale = 1.0F / 255;
  card.decoder.table = config::Node{config::Table{}};
  card.decoder.table.set("kind", config::Node{std::string("anomaly")});
  return card;
}

AnomalyNetConfig anomaly_network(const Job& job, bool thermal) {
  const learn::AnomalySettings& s = job.settings.anomaly;
  return {thermal, s.height, s.width, s.features, s.batch, s.learning_rate, job.settings.seed, job.settings.threads};
}

Result<void> check_enough(const SplitFrames& train, const SplitFrames& held_out) {
  if (train.normal.count < kLeastNormal)
    return fail(
        Errc::invalid,
        fmt::format("{} normal pictures to learn from; at least {} are needed", train.normal.count, kLeastNormal),
        "the data set", "add pictures of the normal state, at all hours and in all weathers");
  if (held_out.normal.count < kLeastHeldOut)
    return fail(Errc::invalid,
                fmt::format("{} normal pictures in the validation split; at least {} are needed for a threshold",
                            held_out.normal.count, kLeastHeldOut),
                "the data set", "add pictures of the normal state");
  return {};
}

double auroc_of(const std::vector<double>& normal, const std::vector<double>& unusual) {
  std::vector<learn::Answer> answers;
  for (const double score : normal) answers.push_back({static_cast<float>(score), false});
  for (const double score : unusual) answers.push_back({static_cast<float>(score), true});
  return learn::auroc(std::move(answers));
}

double share_above(const std::vector<double>& scores, double threshold) {
  const auto above = std::ranges::count_if(scores, [&](double score) { return score >= threshold; });
  return scores.empty() ? 0 : static_cast<double>(above) / static_cast<double>(scores.size());
}

/// One way to score, measured.
struct Measured {
  ScoredBy how = ScoredBy::network;
  double auroc = 0, threshold = 0, recall = 0;
};

/// The way that finds most at the wanted rate of false alarms; the area decides between those that find as much.
bool better(const Measured& a, const Measured& b) {
  constexpr double kAlike = 0.002;
  if (std::abs(a.recall - b.recall) > kAlike) return a.recall > b.recall;
  return a.auroc > b.auroc;
}

/// Three digits, so that the card has none that mean nothing.
double rounded(double threshold) {
  const double unit = std::pow(10, std::floor(std::log10(threshold)) - 2);
  return std::round(threshold / unit) * unit;
}

std::vector<Measured> measure(const Candidates& candidates, AnomalyLearner& learner, const AnomalyFrames& normal,
                              double share) {
  std::vector<Measured> all;
  for (const ScoredBy how : kWays) {
    const std::vector<double> usual = candidates.scores(how, learner, normal);
    const std::vector<double> unusual = candidates.scores(how, learner, learner.unusual());
    Measured one{how, auroc_of(usual, unusual), rounded(tail_threshold(usual, share)), 0};
    one.recall = share_above(unusual, one.threshold);
    all.push_back(one);
  }
  return all;
}

/// What the exported model must say: its outputs of some held-out frames, from the trained network itself.
std::vector<Proof> proofs_of(const Candidates& candidates, ScoredBy how, AnomalyLearner& learner,
                             const AnomalyNetConfig& config, int pool) {
  std::vector<Proof> proofs;
  const AnomalyFrames& frames = learner.unusual();
  for (std::size_t i = 0; i < std::min(kAnomalyProofs, frames.count); ++i) {
    const float* frame = frames.values.data() + i * config.frame_size();
    const std::vector<float> cells = candidates.map(how, learner.look(frame));
    std::vector<float> map;
    for (int y = 0; y < config.height; y += pool)
      for (int x = 0; x < config.width; x += pool) {
        const int corner = y * config.width + x;
        float most = cells[static_cast<std::size_t>(corner)];
        for (int v = 0; v < pool; ++v)
          for (int u = 0; u < pool; ++u) {
            const int place = corner + v * config.width + u;
            most = std::max(most, cells[static_cast<std::size_t>(place)]);
          }
        map.push_back(most);
      }
    proofs.push_back({std::vector<float>(frame, frame + config.frame_size()),
                      {config.channels(), config.height, config.width},
                      {{*std::ranges::max_element(map)}, map}});
  }
  return proofs;
}

/// The unusual frames that stay below the threshold, and the normal ones above it.
void add_mistakes(const SplitFrames& frames, const std::vector<double>& usual, const std::vector<double>& unusual,
                  double threshold, learn::TrainReport& report) {
  for (std::size_t i = 0; i < usual.size(); ++i)
    if (usual[i] >= threshold)
      report.mistakes.push_back({frames.normal_names[i], fmt::format("normal, scored {:.2f}", usual[i] / threshold),
                                 usual[i] / threshold, std::nullopt});
  for (std::size_t i = 0; i < std::min(unusual.size(), frames.unusual_names.size()); ++i)
    if (unusual[i] < threshold)
      report.mistakes.push_back({frames.unusual_names[i], fmt::format("unusual, scored {:.2f}", unusual[i] / threshold),
                                 1 - unusual[i] / threshold, std::nullopt});
  report.keep_worst();
}

void add_metrics(const std::vector<double>& usual, const std::vector<double>& unusual, const Measured& best,
                 learn::TrainReport& report) {
  std::vector<learn::Answer> answers;
  for (const double score : usual) answers.push_back({static_cast<float>(score / best.threshold), false});
  for (const double score : unusual) answers.push_back({static_cast<float>(score / best.threshold), true});
  const auto frames = static_cast<std::int64_t>(answers.size());
  report.metrics.push_back({"AUROC", auroc_of(usual, unusual), "", frames});
  report.metrics.push_back({"unusual frames above the threshold", share_above(unusual, best.threshold), "",
                            static_cast<std::int64_t>(unusual.size())});
  report.metrics.push_back({"normal frames above the threshold", share_above(usual, best.threshold), "",
                            static_cast<std::int64_t>(usual.size())});
  learn::Curve curve{"unusual", learn::precision_recall(std::move(answers), unusual.size()), {1, 0, 0}};
  const double hits = share_above(unusual, best.threshold) * static_cast<double>(unusual.size());
  const double wrong = share_above(usual, best.threshold) * static_cast<double>(usual.size());
  curve.chosen = {1, hits + wrong > 0 ? hits / (hits + wrong) : 1, share_above(unusual, best.threshold)};
  report.curves.push_back(std::move(curve));
}

}  // namespace

Result<Outcome> train_anomaly(const Job& job) {
  const learn::AnomalySettings& settings = job.settings.anomaly;
  const bool thermal = is_thermal(job.data);
  model::Card card = anomaly_card(job, thermal);
  PERCH_TRY(const SplitFrames train, read_frames(job.data, learn::Split::train, card, job.say));
  PERCH_TRY(SplitFrames held_out, read_frames(job.data, learn::Split::validation, card, job.say));
  PERCH_TRY(SplitFrames test, read_frames(job.data, learn::Split::test, card, job.say));
  PERCH_CHECK(check_enough(train, held_out));
  const AnomalyNetConfig config = anomaly_network(job, thermal);
  const auto learner = make_anomaly_learner(config, {train.normal, held_out.normal, held_out.unusual});
  const LoopConfig loop = loop_config(job, "AUROC");
  job.say(learn::TrainStart{job.settings.kind, job.settings.model_name(), static_cast<std::int64_t>(train.normal.count),
                            static_cast<std::int64_t>(held_out.normal.count + learner->unusual().count), loop.epochs,
                            0});
  PERCH_TRY(const LoopResult result, run_loop(*learner, loop, job.say, job.clock, job.stop));

  const Candidates candidates(*learner, config, train.normal, static_cast<std::size_t>(settings.memory));
  const double share = allowed_share(settings.false_alarms_per_week, settings.frames, Seconds(settings.every).count());
  const std::vector<Measured> all = measure(candidates, *learner, held_out.normal, share);
  const Measured best = *std::ranges::max_element(all, [](const auto& a, const auto& b) { return better(b, a); });
  card.decoder.table.set("threshold", config::Node{best.threshold});

  const int pool = pool_of(config.height, config.width);
  const std::string onnx = candidates.to_onnx(best.how, *learner, card.name, pool);
  PERCH_TRY(const double difference, compare_export(onnx, proofs_of(candidates, best.how, *learner, config, pool)));

  learn::TrainReport report = report_of(job, result);
  report.threshold = static_cast<float>(best.threshold);
  const bool tested = test.normal.count >= kLeastHeldOut && test.unusual.count > 0;
  const SplitFrames& measured = tested ? test : held_out;
  report.measured_on =
      fmt::format("{}{}; scored by {}, which finds most of the validation split's at {} false alarms a week",
                  tested ? "test" : "validation",
                  learner->made_unusual() ? ", the unusual frames of validation made from normal ones" : "",
                  name(best.how), settings.false_alarms_per_week);
  const std::vector<double> usual = candidates.scores(best.how, *learner, measured.normal);
  const std::vector<double> unusual = candidates.scores(best.how, *learner, tested ? test.unusual : learner->unusual());
  add_metrics(usual, unusual, best, report);
  for (const Measured& one : all) {
    const std::string of = fmt::format("{}, validation", name(one.how));
    report.metrics.push_back({"AUROC", one.auroc, of, 0});
    report.metrics.push_back({"unusual frames above its threshold", one.recall, of, 0});
  }
  report.metrics.push_back({"export difference", difference, "", kAnomalyProofs});
  add_mistakes(measured, usual, unusual, best.threshold, report);
  const double area = report.metrics.front().value;
  PERCH_CHECK(publish(job.settings, onnx, card, std::move(report)));
  job.say(learn::TrainDone{result.stopped, result.why, model_path(job.settings), report_path(job.settings), "AUROC",
                           area, result.seconds});
  return Outcome{result.stopped};
}

}  // namespace perch::trainer
