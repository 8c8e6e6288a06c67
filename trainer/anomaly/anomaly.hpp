#pragma once
#include "core/trainer.hpp"

namespace perch::trainer {

/// Trains a model that says how unusual a frame is, and where, from normal frames alone. A network teaches itself
/// features of what is normal (`AnomalyLearner`); then three ways to score them are measured on held-out frames, normal
/// ones and unusual ones (labelled, or made from normal ones), and the best is published as one graph. The threshold
/// comes from held-out normal frames and the wanted rate of false alarms.
Result<Outcome> train_anomaly(const Job& job);

}  // namespace perch::trainer
