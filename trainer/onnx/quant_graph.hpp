#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "base/bytes.hpp"
#include "base/result.hpp"

/// An ONNX graph as quantisation looks at it.
namespace perch::trainer {

/// Parses an ONNX file. `where` names it. Errors: invalid. @thread any
Result<onnx::ModelProto> parse_onnx(ByteView bytes, const std::string& where);

Bytes to_bytes(const onnx::ModelProto& model);

/// Lifts a model to operator set 13, the first whose quantisation knows scales a channel.
/// Errors: unsupported (an operator set below 11, or a use of one that changed its meaning). @thread any
Result<void> raise_operator_set(onnx::ModelProto& model, const std::string& where);

/// The values of a float tensor that is part of the model. Errors: unsupported (kept outside the file, or no floats).
Result<std::vector<float>> float_values(const onnx::TensorProto& tensor);

/// Who makes and who takes each tensor. Holds places into the model: made anew once nodes were added or removed.
struct Wiring {
  explicit Wiring(const onnx::GraphProto& graph);

  const onnx::TensorProto* constant(const std::string& name) const;

  bool is_output(const std::string& name) const { return outputs.contains(name); }

  std::map<std::string, int> producer;                ///< of a tensor: the place of its node
  std::map<std::string, std::vector<int>> consumers;  ///< of a tensor: the places of the nodes that take it
  std::map<std::string, const onnx::TensorProto*> constants;
  std::set<std::string> inputs, outputs;  ///< of the graph
};

/// The integer attribute of a node, or what holds without it.
std::int64_t attribute(const onnx::NodeProto& node, const std::string& name, std::int64_t otherwise);

}  // namespace perch::trainer
