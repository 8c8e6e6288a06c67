#include "onnx/quant_graph.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::trainer {

namespace {

constexpr std::int64_t kOldest = 11;
constexpr std::int64_t kWanted = 13;

onnx::OperatorSetIdProto* standard_set(onnx::ModelProto& model) {
  for (onnx::OperatorSetIdProto& set : *model.mutable_opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx") return &set;
  return nullptr;
}

/// Makes a list attribute the input that it became in operator set 13.
void attribute_to_input(onnx::GraphProto& graph, onnx::NodeProto& node, const std::string& name) {
  auto& attributes = *node.mutable_attribute();
  const auto at = std::ranges::find(attributes, name, &onnx::AttributeProto::name);
  if (at == attributes.end()) return;
  onnx::TensorProto& constant = *graph.add_initializer();
  constant.set_name(node.output(0) + "_" + name);
  constant.set_data_type(onnx::TensorProto::INT64);
  constant.add_dims(at->ints_size());
  for (const std::int64_t value : at->ints()) constant.add_int64_data(value);
  node.add_input(constant.name());
  attributes.erase(at);
}

}  // namespace

Result<onnx::ModelProto> parse_onnx(ByteView bytes, const std::string& where) {
  onnx::ModelProto model;
  if (bytes.size() > static_cast<std::size_t>(INT32_MAX) ||
      !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph())
    return fail(Errc::invalid, "is not an ONNX model, or one that is damaged", where);
  return model;
}

Bytes to_bytes(const onnx::ModelProto& model) {
  Bytes bytes(model.ByteSizeLong());
  model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

Result<void> raise_operator_set(onnx::ModelProto& model, const std::string& where) {
  onnx::OperatorSetIdProto* set = standard_set(model);
  if (!set) return fail(Errc::invalid, "names no standard operator set", where);
  if (set->version() >= kWanted) return {};
  if (set->version() < kOldest)
    return fail(Errc::unsupported, fmt::format("operator set {} is too old to quantise", set->version()), where,
                fmt::format("export the model anew with operator set {} or newer", kWanted));
  onnx::GraphProto& graph = *model.mutable_graph();
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    const std::string& op = node.op_type();
    if (op == "Squeeze" || op == "Unsqueeze" || op == "ReduceSum") attribute_to_input(graph, node, "axes");
    if (op == "Split") attribute_to_input(graph, node, "split");
    if ((op == "Softmax" || op == "LogSoftmax" || op == "Hardmax") && attribute(node, "axis", 1) != -1) {
      // Up to 12 all axes from `axis` on were one; where it is the last axis, both are the same.
      const auto shape = std::ranges::find(graph.value_info(), node.output(0), &onnx::ValueInfoProto::name);
      const auto out = std::ranges::find(graph.output(), node.output(0), &onnx::ValueInfoProto::name);
      int rank = 0;
      if (shape != graph.value_info().end()) rank = shape->type().tensor_type().shape().dim_size();
      if (out != graph.output().end()) rank = out->type().tensor_type().shape().dim_size();
      if (rank == 0 || attribute(node, "axis", 1) != rank - 1)
        return fail(Errc::unsupported, fmt::format("its {} means something else in operator set {}", op, kWanted),
                    where, fmt::format("export the model anew with operator set {} or newer", kWanted));
      if (std::ranges::find(node.attribute(), "axis", &onnx::AttributeProto::name) == node.attribute().end()) {
        onnx::AttributeProto& axis = *node.add_attribute();
        axis.set_name("axis");
        axis.set_type(onnx::AttributeProto::INT);
        axis.set_i(rank - 1);
      }
    }
  }
  set->set_version(kWanted);
  return {};
}

Result<std::vector<float>> float_values(const onnx::TensorProto& tensor) {
  std::size_t count = 1;
  for (const std::int64_t dim : tensor.dims()) count *= static_cast<std::size_t>(std::max<std::int64_t>(0, dim));
  if (tensor.data_type() != onnx::TensorProto::FLOAT || tensor.data_location() == onnx::TensorProto::EXTERNAL)
    return fail(Errc::unsupported,
                fmt::format("the weights '{}' are no 32-bit floats in the file itself", printable(tensor.name())));
  std::vector<float> values(count);
  if (tensor.raw_data().size() == count * sizeof(float))
    std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
  else if (static_cast<std::size_t>(tensor.float_data_size()) == count)
    std::copy(tensor.float_data().begin(), tensor.float_data().end(), values.begin());
  else
    return fail(Errc::invalid,
                fmt::format("the weights '{}' are not as many as their shape says", printable(tensor.name())));
  return values;
}

Wiring::Wiring(const onnx::GraphProto& graph) {
  for (const onnx::TensorProto& tensor : graph.initializer()) constants[tensor.name()] = &tensor;
  for (const onnx::ValueInfoProto& input : graph.input())
    if (!constants.contains(input.name())) inputs.insert(input.name());
  for (const onnx::ValueInfoProto& output : graph.output()) outputs.insert(output.name());
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& name : graph.node(i).output()) producer[name] = i;
    for (const std::string& name : graph.node(i).input())
      if (!name.empty()) consumers[name].push_back(i);
  }
}

const onnx::TensorProto* Wiring::constant(const std::string& name) const {
  const auto at = constants.find(name);
  return at == constants.end() ? nullptr : at->second;
}

std::int64_t attribute(const onnx::NodeProto& node, const std::string& name, std::int64_t otherwise) {
  for (const onnx::AttributeProto& a : node.attribute())
    if (a.name() == name) return a.i();
  return otherwise;
}

}  // namespace perch::trainer
