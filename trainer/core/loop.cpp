#include "core/loop.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/checkpoint.hpp"

namespace perch::trainer {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kBetweenSteps = 500ms;
constexpr double kLossMemory = 0.9;

/// One run of the loop: where it is, and what of it is worth keeping.
class Loop : public Pace {
 public:
  Loop(Learner& learner, const LoopConfig& config, const Say& say, const Clock& clock, const std::atomic<bool>& stop)
      : learner_(learner),
        config_(config),
        say_(say),
        clock_(clock),
        stop_(stop),
        start_(clock.monotonic()) {
    kept_.fingerprint = config.fingerprint;
  }

  Result<LoopResult> run() {
    PERCH_CHECK(resume());
    std::string why;
    while (why.empty()) {
      why = reason_to_end();
      if (why.empty()) epoch();
    }
    if (kept_.weights.empty()) return fail(Errc::canceled, "stopped before there was a model to keep");
    learner_.use_weights(kept_.weights);
    return LoopResult{kept_.epoch, kept_.kept_epoch, seconds(), stop_.load(), std::move(why), kept_.history};
  }

  double done() const override {
    const double by_epochs = (kept_.epoch + part_) / config_.epochs;
    const double by_time = config_.time > 0ns ? seconds() / Seconds(config_.time).count() : 0;
    return std::clamp(std::max(by_epochs, by_time), 0.0, 1.0);
  }

  bool stop() const override { return stop_ || done() >= 1; }

  void step(double part, double loss) override {
    part_ = std::min(part, 1.0);
    running_loss_ = running_loss_ == 0 ? loss : kLossMemory * running_loss_ + (1 - kLossMemory) * loss;
    const Nanoseconds now = clock_.monotonic();
    if (now - said_ < kBetweenSteps) return;
    said_ = now;
    say_(learn::TrainStep{kept_.epoch + 1, done(), running_loss_, left_s()});
  }

 private:
  double seconds() const { return before_s_ + Seconds(clock_.monotonic() - start_).count(); }

  double left_s() const {
    const double part = done();
    return part > 0 ? seconds() * (1 - part) / part : 0;
  }

  Result<void> resume() {
    if (!config_.resume) return {};
    if (!std::filesystem::exists(config_.checkpoint)) {
      say_(learn::TrainNote{"there is no checkpoint to go on after, so training begins anew: " +
                            config_.checkpoint.string()});
      return {};
    }
    PERCH_TRY(kept_, load_checkpoint(config_.checkpoint));
    if (kept_.fingerprint != config_.fingerprint)
      return fail(Errc::mismatch, "the checkpoint belongs to other settings or other pictures",
                  config_.checkpoint.string(), "train without --resume, or with what it was made with");
    learner_.restore(kept_.state);
    before_s_ = kept_.seconds;
    return {};
  }

  std::string reason_to_end() const {
    if (stop_) return "stopped";
    if (kept_.epoch >= config_.epochs) return "all epochs are done";
    if (config_.time > 0ns && seconds() >= Seconds(config_.time).count()) return "the time is over";
    if (config_.patience > 0 && kept_.epoch - kept_.best_epoch >= config_.patience)
      return fmt::format("no better model for {} epochs", config_.patience);
    return {};
  }

  void epoch() {
    const int number = kept_.epoch + 1;
    const double loss = learner_.train_epoch(number, *this);
    if (stop_ && !kept_.weights.empty()) return;  // half an epoch: what was kept is the best there is
    const double metric = learner_.evaluate();
    part_ = 0;
    kept_.epoch = number;
    kept_.history.emplace_back(loss, metric);
    const bool best = kept_.weights.empty() || metric >= kept_.best;
    if (best) {
      kept_.best = metric;
      kept_.best_epoch = number;
    }
    if (best || metric >= kept_.best - learner_.metric_error()) {  // of equals the one that learned longer
      kept_.kept_epoch = number;
      kept_.weights = learner_.weights();
    }
    kept_.seconds = seconds();
    kept_.state = learner_.state();
    say_(learn::TrainEpoch{number, config_.epochs, loss, config_.metric_name, metric, kept_.best, kept_.best_epoch,
                           done(), left_s()});
    if (const auto saved = save(kept_, config_.checkpoint); !saved)
      say_(learn::TrainNote{
          "no checkpoint of epoch " + std::to_string(number) + ", the one before stays: " + saved.error().message(),
          true});
  }

  Learner& learner_;
  const LoopConfig& config_;
  const Say& say_;
  const Clock& clock_;
  const std::atomic<bool>& stop_;
  Nanoseconds start_, said_{0};
  Checkpoint kept_;
  double before_s_ = 0;
  double part_ = 0;  ///< of the epoch at work
  double running_loss_ = 0;
};

}  // namespace

int epochs_done(const LoopConfig& config) {
  if (!config.resume) return 0;
  const auto checkpoint = load_checkpoint(config.checkpoint);
  return checkpoint && checkpoint->fingerprint == config.fingerprint ? checkpoint->epoch : 0;
}

Result<LoopResult> run_loop(Learner& learner, const LoopConfig& config, const Say& say, const Clock& clock,
                            const std::atomic<bool>& stop) {
  try {
    return Loop(learner, config, say, clock, stop).run();
  } catch (const std::exception& error) {
    return fail(Errc::internal, fmt::format("the trainer failed: {}", error.what()));
  }
}

}  // namespace perch::trainer
