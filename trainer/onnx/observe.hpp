#pragma once
#include <cstdint>
#include <map>
#include <string>

#include <onnx/onnx_pb.h>

#include "base/result.hpp"
#include "learn/exam.hpp"
#include "model/model.hpp"
#include "onnx/histogram.hpp"
#include "onnx/quantise_graph.hpp"

namespace perch::trainer {

using Observed = std::map<std::string, Histogram>;

/// How the range of an activation follows from the values that were seen.
enum class Calibration : std::uint8_t {
  min_max,     ///< all of them
  percentile,  ///< all but 0.01 % at each end
  least_error  ///< that with the smallest mean square of what 8 bits lose
};

/// Takes pictures through a float model, prepared as the edge prepares them, and notes the values of its tensors.
/// @param prepared  the graph that is to be quantised; `model` gives the preprocessing
/// Errors: those of decoding, named with the picture, and of the model. @thread any, blocks
Result<Observed> observe(const onnx::ModelProto& prepared, const model::Model& model, const learn::Exam& pictures);

/// The ranges that a kind of calibration makes of it.
ValueRanges ranges_of(const Observed& observed, Calibration calibration);

/// "min-max", "percentile", "least error"
std::string_view name(Calibration calibration);

}  // namespace perch::trainer
