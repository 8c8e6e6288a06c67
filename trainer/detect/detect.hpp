#pragma once
#include "core/trainer.hpp"

namespace perch::trainer {

/// Trains a box detector from scratch: an anchor-free network in the form of YOLOX, whose decoder the edge has.
/// Source: Ge et al., "YOLOX: Exceeding YOLO Series in 2021".
Result<Outcome> train_detect(const Job& job);

}  // namespace perch::trainer
