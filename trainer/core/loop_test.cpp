#include "core/loop.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "core/checkpoint.hpp"
#include "support/full_disk.hpp"
#include "support/program.hpp"

namespace perch::trainer {

namespace {

using namespace std::chrono_literals;

/// Learns a number: its metric rises to a peak and falls again. Keeps what a real one keeps.
class NumberLearner final : public Learner {
 public:
  explicit NumberLearner(int peak, ManualClock* clock = nullptr) : peak_(peak), clock_(clock) {}

  double train_epoch(int epoch, Pace& pace) override {
    if (fail_at == epoch) throw std::runtime_error("out of luck");
    if (clock_) clock_->advance(1s);
    value_ += epoch;
    pace.step(1, 1.0 / epoch);
    if (on_epoch) on_epoch(epoch);
    return 1.0 / epoch;
  }

  double evaluate() override { return -std::abs(value_ - peak_) + off; }

  double metric_error() const override { return error; }

  std::string state() const override { return std::to_string(value_); }

  void restore(const std::string& state) override { value_ = std::stoi(state); }

  std::string weights() const override { return std::to_string(value_); }

  void use_weights(const std::string& weights) override { value_ = std::stoi(weights); }

  int value() const { return value_; }

  std::function<void(int)> on_epoch;
  int fail_at = 0;
  double error = 0;
  double off = 0;  ///< added to the metric

 private:
  int peak_;
  ManualClock* clock_;
  int value_ = 0;
};

struct Rig {
  test::TempFolder folder;
  std::atomic<bool> stop = false;
  ManualClock clock;
  std::vector<learn::TrainMessage> said;
  LoopConfig config;

  explicit Rig(int epochs) {
    config.epochs = epochs;
    config.metric_name = "F1";
    config.checkpoint = folder / "checkpoint";
    config.fingerprint = "job";
  }

  Result<LoopResult> run(Learner& learner) {
    return run_loop(learner, config, [this](const learn::TrainMessage& m) { said.push_back(m); }, clock, stop);
  }
};

}  // namespace

TEST_CASE("a training ends with its best model, not with its last") {
  Rig rig(6);
  NumberLearner learner(6);  // 1, 3, 6, 10, 15, 21
  const auto result = rig.run(learner);
  REQUIRE(result);
  CHECK(result->epochs == 6);
  CHECK(result->kept_epoch == 3);
  CHECK(result->history.size() == 6);
  CHECK(learner.value() == 6);
  CHECK(result->why == "all epochs are done");
}

TEST_CASE("of models that chance may tell apart the one that learned longest is kept") {
  Rig rig(100);
  rig.config.patience = 3;
  NumberLearner learner(6);  // off by 5, 3, 0, 4, 9, 15
  learner.error = 4;
  const auto result = rig.run(learner);
  REQUIRE(result);
  CHECK(result->kept_epoch == 4);
  CHECK(learner.value() == 10);
  CHECK(result->epochs == 6);  // patience waits for a better model, not for one as good
}

TEST_CASE("a model whose worth cannot be told is kept while there is no other") {
  Rig rig(1);
  NumberLearner learner(6);
  learner.off = std::numeric_limits<double>::quiet_NaN();
  const auto result = rig.run(learner);
  REQUIRE(result);
  CHECK(result->kept_epoch == 1);
}

TEST_CASE("a training ends early when nothing gets better, and when its time is over") {
  Rig patient(100);
  patient.config.patience = 2;
  NumberLearner learner(6);
  const auto result = patient.run(learner);
  REQUIRE(result);
  CHECK(result->epochs == 5);
  CHECK(result->why == "no better model for 2 epochs");

  Rig hasty(100);
  hasty.config.time = 4s;
  NumberLearner slow(1000, &hasty.clock);
  const auto over = hasty.run(slow);
  REQUIRE(over);
  CHECK(over->epochs == 4);
  CHECK(over->why == "the time is over");
}

TEST_CASE("a training that was killed goes on as if it never stopped") {
  Rig whole(6);
  NumberLearner never_stopped(1000);
  const auto wanted = whole.run(never_stopped);
  REQUIRE(wanted);

  Rig rig(6);
  NumberLearner killed(1000);
  killed.fail_at = 4;  // whatever ends the process, the checkpoint of epoch 3 is what is left
  const auto failed = rig.run(killed);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message().find("out of luck") != std::string::npos);
  rig.config.resume = true;
  NumberLearner resumed(1000);
  const auto result = rig.run(resumed);
  REQUIRE(result);
  CHECK(result->epochs == 6);
  CHECK(result->history == wanted->history);
  CHECK(resumed.value() == never_stopped.value());
}

TEST_CASE("stopping keeps the best model so far, and there must be one") {
  Rig rig(100);
  NumberLearner learner(6);
  learner.on_epoch = [&](int epoch) { rig.stop = epoch == 5; };
  const auto result = rig.run(learner);
  REQUIRE(result);
  CHECK(result->stopped);
  CHECK(learner.value() == 6);

  Rig early(100);
  early.stop = true;
  NumberLearner never(6);
  CHECK(early.run(never).error().code == Errc::canceled);
}

TEST_CASE("a checkpoint of another job is refused") {
  Rig rig(2);
  NumberLearner learner(6);
  REQUIRE(rig.run(learner));
  rig.config.resume = true;
  rig.config.fingerprint = "another";
  CHECK(rig.run(learner).error().code == Errc::mismatch);
}

TEST_CASE("that there is no checkpoint to go on after is said, and training begins anew") {
  Rig rig(2);
  rig.config.resume = true;
  NumberLearner learner(6);
  REQUIRE(rig.run(learner));
  const auto* note = std::get_if<learn::TrainNote>(&rig.said.front());
  REQUIRE(note);
  CHECK_FALSE(note->problem);
  CHECK(note->text.find(rig.config.checkpoint.string()) != std::string::npos);
  rig.said.clear();
  rig.config.epochs = 3;
  REQUIRE(rig.run(learner));
  CHECK_FALSE(std::holds_alternative<learn::TrainNote>(rig.said.front()));
}

TEST_CASE("a damaged checkpoint is refused by name") {
  Rig rig(2);
  NumberLearner learner(6);
  REQUIRE(rig.run(learner));
  Bytes bytes = read_file(rig.config.checkpoint).value();
  bytes.back() ^= 1;
  REQUIRE(write_file(rig.config.checkpoint, bytes));
  const auto loaded = load_checkpoint(rig.config.checkpoint);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == Errc::invalid);
  CHECK(loaded.error().where == rig.config.checkpoint.string());
  bytes.resize(30);
  REQUIRE(write_file(rig.config.checkpoint, bytes));
  CHECK_FALSE(load_checkpoint(rig.config.checkpoint));
}

TEST_CASE("a full disk is said, the checkpoint before stays, and training goes on") {
  Rig rig(2);
  NumberLearner learner(1000);
  REQUIRE(rig.run(learner));
  rig.config.epochs = 5;
  rig.config.resume = true;
  rig.said.clear();
  {
    const test::FullDisk full(16);
    const auto result = rig.run(learner);
    REQUIRE(result);
    CHECK(result->epochs == 5);
  }
  int problems = 0;
  for (const learn::TrainMessage& message : rig.said)
    if (const auto* note = std::get_if<learn::TrainNote>(&message)) {
      CHECK(note->problem);
      CHECK(note->text.find("the one before stays") != std::string::npos);
      CHECK(note->text.find(rig.config.checkpoint.string()) != std::string::npos);
      ++problems;
    }
  CHECK(problems == 3);
  CHECK(load_checkpoint(rig.config.checkpoint).value().epoch == 2);
}

}  // namespace perch::trainer
