#pragma once
#include <string>

/// The line between the loop, which knows nothing of tensors, and the trainers, which use libtorch. Included from both
/// sides, so plain C++17.
namespace perch::trainer {

/// How far a training is, as its learner sees it.
class Pace {
 public:
  virtual ~Pace() = default;

  /// 0..1: the share of the epochs or of the time that is used up, whichever is more. Learning rates follow it.
  virtual double done() const = 0;

  /// Whether to end now; a learner asks after every step and then returns.
  virtual bool stop() const = 0;

  /// Says that a step is done. @param part  0..1, of this epoch
  virtual void step(double part, double loss) = 0;
};

/// A model while it learns. What goes wrong is thrown as a `std::exception`. One owner; not for two threads at once.
class Learner {
 public:
  virtual ~Learner() = default;

  /// Passes once over the pictures to learn from, or less when asked to stop. All random numbers come from the seed and
  /// `epoch` (from 1), so that a resumed training goes on as if it had never stopped.
  /// @returns the mean loss
  virtual double train_epoch(int epoch, Pace& pace) = 0;

  /// Measures on the held-out pictures what `weights()` would publish; higher is better.
  virtual double evaluate() = 0;

  /// How far the last `evaluate()` may be off because the held-out pictures are few: its standard error. 0: not known.
  virtual double metric_error() const { return 0; }

  /// Everything that training needs to go on: weights, averages, the optimiser.
  virtual std::string state() const = 0;
  virtual void restore(const std::string& state) = 0;

  /// What would be published.
  virtual std::string weights() const = 0;
  virtual void use_weights(const std::string& weights) = 0;
};

}  // namespace perch::trainer
