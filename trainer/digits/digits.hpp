#pragma once
#include "core/trainer.hpp"

namespace perch::trainer {

/// Trains a reader of one roller's window: its position in tenths, 100 classes around a circle (9.9 is next to 0.0). It
/// learns from rendered wheels and from the data set's labelled windows. As `Kind::train`.
Result<Outcome> train_digits(const Job& job);

}  // namespace perch::trainer
