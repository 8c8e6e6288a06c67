#pragma once
#include "core/trainer.hpp"

namespace perch::trainer {

/// Trains a model that tells what the whole of a picture, or of a grid of temperatures, shows: a small network of its
/// own, or a linear layer on the features of another model (`classify.backbone`). As `Kind::train`.
Result<Outcome> train_classify(const Job& job);

}  // namespace perch::trainer
