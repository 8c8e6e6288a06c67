#include "onnx/feature_model.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "onnx/quant_graph.hpp"

namespace perch::trainer {

namespace {

constexpr const char* kFeatures = "features";
constexpr const char* kLogits = "logits";
constexpr std::int64_t kLeastOperatorSet = 9;
constexpr std::int64_t kLeastIrVersion = 4;  // the first in which weights need not be inputs too

using Dims = std::vector<std::int64_t>;  // -1: not known

Dims dims_of(const onnx::ValueInfoProto& value) {
  Dims dims;
  for (const auto& dim : value.type().tensor_type().shape().dim())
    dims.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
  return dims;
}

/// The input that is no weight; nullptr when there are several.
onnx::ValueInfoProto* only_input(onnx::GraphProto& graph) {
  const Wiring wiring(graph);
  onnx::ValueInfoProto* found = nullptr;
  for (auto& input : *graph.mutable_input()) {
    if (wiring.constant(input.name()) != nullptr) continue;
    if (found != nullptr) return nullptr;
    found = &input;
  }
  return found;
}

/// A tensor of channels over places.
struct Candidate {
  std::string name;
  std::int64_t channels = 0, places = 0;
};

std::vector<Candidate> candidates_of(const onnx::GraphProto& graph, const std::string& input) {
  std::map<std::string, Dims> shapes;
  for (const auto& value : graph.value_info())
    if (value.type().tensor_type().elem_type() == onnx::TensorProto::FLOAT) shapes[value.name()] = dims_of(value);
  std::set<std::string> seen{input};  // what depends on the picture: weights too may have such a shape
  std::vector<Candidate> found;
  for (const auto& node : graph.node()) {
    if (std::ranges::none_of(node.input(), [&](const std::string& name) { return seen.contains(name); })) continue;
    seen.insert(node.output().begin(), node.output().end());
    for (const std::string& output : node.output()) {
      const auto shape = shapes.find(output);
      if (shape == shapes.end() || shape->second.size() != 4) continue;
      const Dims& dims = shape->second;
      if (dims[1] > 0 && dims[2] > 0 && dims[3] > 0) found.push_back({output, dims[1], dims[2] * dims[3]});
    }
  }
  return found;
}

Result<Candidate> choose(const onnx::GraphProto& graph, const std::string& input, const std::string& name,
                         const std::string& where) {
  const std::vector<Candidate> all = candidates_of(graph, input);
  if (!name.empty()) {
    const auto found = std::ranges::find(all, name, &Candidate::name);
    if (found != all.end()) return *found;
    std::vector<std::string> names;
    for (const Candidate& one : all) names.push_back(one.name);
    return fail(Errc::not_found,
                fmt::format("it has no tensor '{}' of channels, rows and columns", printable(name, 80)), where,
                suggest(name, names));
  }
  const Candidate* best = nullptr;
  for (const Candidate& one : all) {
    if (one.places < 2) continue;
    if (best == nullptr || one.places < best->places || (one.places == best->places && one.channels >= best->channels))
      best = &one;
  }
  if (best == nullptr)
    return fail(Errc::not_found, "it has no tensor of channels, rows and columns to take features from", where,
                "take another model");
  return *best;
}

/// Leaves what leads to a tensor.
void cut_off(onnx::GraphProto& graph, const std::string& tensor) {
  std::set<std::string> needed{tensor};
  std::vector<onnx::NodeProto> nodes;
  for (int i = graph.node_size() - 1; i >= 0; --i) {
    const onnx::NodeProto& node = graph.node(i);
    if (std::ranges::none_of(node.output(), [&](const std::string& name) { return needed.contains(name); })) continue;
    needed.insert(node.input().begin(), node.input().end());
    nodes.push_back(node);
  }
  graph.clear_node();
  std::for_each(nodes.rbegin(), nodes.rend(), [&](const auto& node) { *graph.add_node() = node; });
  std::vector<onnx::TensorProto> weights;
  for (const auto& weight : graph.initializer())
    if (needed.contains(weight.name())) weights.push_back(weight);
  const onnx::ValueInfoProto input = *only_input(graph);
  graph.clear_initializer();
  for (auto& weight : weights) *graph.add_initializer() = std::move(weight);
  graph.clear_input();
  *graph.add_input() = input;
  graph.clear_output();
  graph.clear_value_info();
}

onnx::NodeProto& add_node(onnx::GraphProto& graph, const char* op, const std::vector<std::string>& inputs,
                          const std::string& output) {
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(op);
  node.set_name(output);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

/// [batch,columns], the batch as the model's input has it.
void add_output(onnx::GraphProto& graph, const std::string& name, std::int64_t columns) {
  const auto batch = graph.input(0).type().tensor_type().shape().dim(0);
  onnx::ValueInfoProto& output = *graph.add_output();
  output.set_name(name);
  auto& type = *output.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  *type.mutable_shape()->add_dim() = batch;
  type.mutable_shape()->add_dim()->set_dim_value(columns);
}

void add_integer(onnx::NodeProto& node, const char* name, std::int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void add_floats(onnx::GraphProto& graph, const std::string& name, const Dims& shape, const std::vector<float>& values) {
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : shape) tensor.add_dims(dim);
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
}

}  // namespace

Result<FeatureModel> make_feature_model(ByteView onnx, const std::string& where, const std::string& tensor,
                                        const std::vector<std::int64_t>& input_shape) {
  PERCH_TRY(onnx::ModelProto model, parse_onnx(onnx, where));
  for (const auto& operators : model.opset_import())
    if (operators.domain().empty() && operators.version() < kLeastOperatorSet)
      return fail(Errc::unsupported, fmt::format("its operator set {} is too old", operators.version()), where,
                  "export it anew with a newer one");
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto* input = only_input(graph);
  if (input == nullptr) return fail(Errc::unsupported, "it has not exactly one input", where);
  auto& shape = *input->mutable_type()->mutable_tensor_type()->mutable_shape();
  for (std::size_t i = 0; i < input_shape.size() && static_cast<int>(i) + 1 < shape.dim_size(); ++i)
    shape.mutable_dim(static_cast<int>(i) + 1)->set_dim_value(input_shape[i]);
  model.set_ir_version(std::max<std::int64_t>(model.ir_version(), kLeastIrVersion));
  try {
    onnx::shape_inference::InferShapes(model);
    PERCH_TRY(const Candidate chosen, choose(graph, only_input(graph)->name(), tensor, where));
    cut_off(graph, chosen.name);
    add_node(graph, "GlobalAveragePool", {chosen.name}, "perch_mean");
    add_node(graph, "GlobalMaxPool", {chosen.name}, "perch_highest");
    add_integer(add_node(graph, "Concat", {"perch_mean", "perch_highest"}, "perch_pooled"), "axis", 1);
    add_integer(add_node(graph, "Flatten", {"perch_pooled"}, kFeatures), "axis", 1);
    add_output(graph, kFeatures, 2 * chosen.channels);
    onnx::checker::check_model(model);
    return FeatureModel{to_bytes(model), chosen.name, 2 * chosen.channels};
  } catch (const std::exception& error) {
    return fail(Errc::unsupported, fmt::format("ONNX cannot follow its shapes: {}", error.what()), where);
  }
}

std::string with_linear(const FeatureModel& features, const std::vector<float>& weights,
                        const std::vector<float>& bias) {
  auto parsed = parse_onnx(features.onnx, "the model of features");
  PERCH_ASSERT(parsed.has_value());
  onnx::GraphProto& graph = *parsed->mutable_graph();
  const auto classes = static_cast<std::int64_t>(bias.size());
  PERCH_ASSERT(weights.size() == bias.size() * static_cast<std::size_t>(features.size));
  add_floats(graph, "perch_weights", {classes, features.size}, weights);
  add_floats(graph, "perch_bias", {classes}, bias);
  add_integer(add_node(graph, "Gemm", {kFeatures, "perch_weights", "perch_bias"}, kLogits), "transB", 1);
  graph.clear_output();
  add_output(graph, kLogits, classes);
  return parsed->SerializeAsString();
}

}  // namespace perch::trainer
