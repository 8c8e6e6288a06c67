#pragma once
#include <string>

#include <onnx/onnx_pb.h>

#include "base/result.hpp"
#include "onnx/quantise_graph.hpp"

/// Numbers as 8 bits: value = (code − zero) · scale.
namespace perch::trainer {

struct Scale {
  float scale = 1;
  int zero = 0;
};

/// The scale that covers a range and zero, which is met exactly.
Scale scale_of(ValueRange range, ActivationType type);

/// Adds `NAME_scale` and `NAME_zero` to the graph.
void add_scale(onnx::GraphProto& graph, const std::string& name, const Scale& scale, ActivationType type);

/// The weights of a layer, and what is needed to write them in 8 bits.
struct LayerWeights {
  std::string name;  ///< what the new tensors are named after
  const onnx::TensorProto* weights = nullptr;
  const onnx::TensorProto* bias = nullptr;  ///< or none
  int axis = 0;                             ///< of the output channels
  float input_scale = 1;
};

/// Adds 8-bit weights, symmetric, a scale a channel, and a 32-bit bias to the graph, their dequantisation to `nodes`,
/// and makes `node` take them. Errors: unsupported (no floats in the file).
Result<void> add_weights(onnx::GraphProto& graph, const LayerWeights& layer, onnx::NodeProto& node,
                         google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes);

}  // namespace perch::trainer
