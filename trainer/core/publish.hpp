#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "learn/report.hpp"
#include "learn/train_settings.hpp"
#include "model/card.hpp"

namespace perch::trainer {

/// How far the published model may be from the trained one, for any output value.
inline constexpr double kMaxExportDifference = 1e-4;

/// Inputs of a model as its preprocessing makes them, and what the trained network says of them.
struct Proof {
  std::vector<float> input;                 ///< of one picture
  std::vector<std::int64_t> input_shape;    ///< of one picture, without the batch axis
  std::vector<std::vector<float>> outputs;  ///< one an output of the model, in its order
};

/// Runs an exported model in ONNX Runtime on each input and compares.
/// @returns the largest difference. Errors: mismatch (over `kMaxExportDifference`, or outputs of another number or
///          size), and those of loading and running a model. @thread any, blocks
Result<double> compare_export(const std::string& onnx, const std::vector<Proof>& proofs);

/// What there is in common in every card of a training: name, version, licence, origin. @thread any
model::Card card_of(const learn::TrainSettings& settings);

/// Where `publish` puts the model.
std::string model_path(const learn::TrainSettings& settings);
/// Where `publish` puts the report.
std::string report_path(const learn::TrainSettings& settings);

/// Writes `OUT/NAME.onnx`, its card and its report, each whole or not at all, the card last: it names the model's hash,
/// and a model that does not have it is refused. Fills in the hash in both.
/// Errors: full, denied, io. @thread any, blocks
Result<void> publish(const learn::TrainSettings& settings, const std::string& onnx, model::Card card,
                     learn::TrainReport report);

}  // namespace perch::trainer
