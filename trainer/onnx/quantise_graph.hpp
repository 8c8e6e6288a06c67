#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "base/result.hpp"

/// Rewrites a float graph with 8-bit numbers in QDQ form: `QuantizeLinear` and `DequantizeLinear` around what is to be
/// computed in 8 bits, which runtimes then join with it. Source: ONNX Runtime, "Quantize ONNX models", format QDQ.
namespace perch::trainer {

/// What a tensor's values lie between.
struct ValueRange {
  float low = 0;
  float high = 0;
};

using ValueRanges = std::map<std::string, ValueRange>;

/// The 8-bit type of activations; weights are always signed and symmetric, with a scale a channel.
enum class ActivationType : std::uint8_t { u8, s8 };

/// What is computed in 8 bits.
struct QuantiseChoice {
  std::set<std::string> keep_float;  ///< layers (see `layers_of`) that stay as they are
  bool between_layers = true;        ///< also sums, products, sigmoids and concatenations between layers
  ActivationType activations = ActivationType::u8;
};

/// The layers with weights that can be quantised (Conv, Gemm, MatMul), in the graph's order; each called by the name of
/// its output.
std::vector<std::string> layers_of(const onnx::GraphProto& graph);

/// The tensors whose ranges `quantise_graph` may want, whatever the choice.
std::vector<std::string> tensors_to_observe(const onnx::GraphProto& graph);

/// @param model   operator set 13 or newer, as `with_basic_optimisations` leaves it
/// @param ranges  of all `tensors_to_observe`
/// Errors: unsupported (weights outside the file), internal (a range is missing). @thread any
Result<onnx::ModelProto> quantise_graph(const onnx::ModelProto& model, const ValueRanges& ranges,
                                        const QuantiseChoice& choice);

}  // namespace perch::trainer
