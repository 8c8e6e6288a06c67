#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "learn/exam.hpp"
#include "model/model.hpp"
#include "onnx/observe.hpp"
#include "seam/registry.hpp"

namespace perch::trainer {

/// What `quantise_model` did, a line at a time, for people.
using SayLine = std::function<void(const std::string& line)>;

struct QuantiseSettings {
  double max_loss = 0.01;  ///< of the measure, on the pictures used for calibration; 0..1
  ActivationType activations = ActivationType::u8;
};

/// An 8-bit model and how it came about.
struct Quantised {
  Bytes onnx;
  Calibration calibration = Calibration::min_max;
  bool between_layers = true;
  std::vector<std::string> kept_float;  ///< the layers that lost too much
  std::size_t layers = 0;               ///< in all
  double similarity = 1;                ///< to the float model's findings, on the pictures used for calibration

  /// "static int8, least error, 3 of 104 layers in float"
  std::string how() const;
};

/// Makes an 8-bit model of a float one: static QDQ, weights a scale a channel, activations a scale a tensor.
///
/// Everything is chosen by measuring on the calibration pictures: how ranges follow from values; whether what lies
/// between layers is worth doing in 8 bits; and which layers stay in float: those that, quantised alone, change the
/// findings most, as few as the set loss needs. Whether the result is good enough to be published is for others to say,
/// on pictures that were not used here.
/// @param model     a float model
/// @param pictures  a few dozen that show what it will see
/// Errors: unsupported (not a float model; an operator set below 11), invalid (no pictures), those of decoding and
/// running. @thread any, blocks for a minute or so
Result<Quantised> quantise_model(const std::shared_ptr<const model::Model>& model, const learn::Exam& pictures,
                                 const QuantiseSettings& settings, const Registry& registry, const SayLine& say);

}  // namespace perch::trainer
