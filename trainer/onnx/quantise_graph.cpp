#include "onnx/quantise_graph.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "onnx/quant_graph.hpp"
#include "onnx/quant_tensors.hpp"

namespace perch::trainer {

namespace {

/// x · sigmoid(x) is within 0.015 of zero from here down.
constexpr float kSiluEnds = -6;

constexpr std::array<std::string_view, 3> kLayers{"Conv", "Gemm", "MatMul"};
/// Whose output is made of values of its input, and so has its scale.
constexpr std::array<std::string_view, 9> kMovers{"MaxPool", "Reshape", "Transpose", "Resize",   "Slice",
                                                  "Split",   "Flatten", "Squeeze",   "Unsqueeze"};
constexpr std::array<std::string_view, 7> kBetween{
    "Add", "Mul", "Sigmoid", "LeakyRelu", "AveragePool", "GlobalAveragePool", "Concat"};

template <std::size_t N>
bool is_one_of(const std::string& op, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, op) != names.end();
}

/// How many of a node's inputs are values that flow through it.
int data_inputs(const onnx::NodeProto& node) {
  if (node.op_type() == "Concat") return node.input_size();
  return node.op_type() == "Add" || node.op_type() == "Mul" ? 2 : 1;
}

bool is_layer(const onnx::NodeProto& node, const Wiring& wiring) {
  if (!is_one_of(node.op_type(), kLayers) || node.input_size() < 2 || wiring.constant(node.input(0))) return false;
  const onnx::TensorProto* weights = wiring.constant(node.input(1));
  if (!weights || weights->data_type() != onnx::TensorProto::FLOAT) return false;
  if (node.op_type() == "MatMul") return weights->dims_size() == 2;
  const bool has_bias = node.input_size() > 2 && !node.input(2).empty();
  return !has_bias || wiring.constant(node.input(2));
}

/// Whether all values that flow in come from the picture.
bool takes_no_constant(const onnx::NodeProto& node, const Wiring& wiring) {
  for (int i = 0; i < data_inputs(node); ++i)
    if (wiring.constant(node.input(i))) return false;
  return true;
}

/// The nodes that are computed in 8 bits: the chosen layers, and what lies on the way to one.
std::vector<bool> chosen_nodes(const onnx::GraphProto& graph, const Wiring& wiring, const QuantiseChoice& choice) {
  std::vector<bool> chosen(static_cast<std::size_t>(graph.node_size()), false);
  const auto leads_to_chosen = [&](const std::string& tensor) {
    const auto takers = wiring.consumers.find(tensor);
    if (takers == wiring.consumers.end()) return false;
    return std::ranges::any_of(takers->second, [&](int taker) {
      if (!chosen[static_cast<std::size_t>(taker)]) return false;
      const onnx::NodeProto& node = graph.node(taker);
      for (int i = 0; i < data_inputs(node); ++i)
        if (node.input(i) == tensor) return true;
      return false;
    });
  };
  for (int i = graph.node_size(); i-- > 0;) {
    const onnx::NodeProto& node = graph.node(i);
    const auto at = static_cast<std::size_t>(i);
    if (is_layer(node, wiring)) {
      chosen[at] = !choice.keep_float.contains(node.output(0));
      continue;
    }
    const bool able =
        is_one_of(node.op_type(), kMovers) || (choice.between_layers && is_one_of(node.op_type(), kBetween));
    chosen[at] = able && takes_no_constant(node, wiring) && std::ranges::any_of(node.output(), leads_to_chosen);
  }
  return chosen;
}

/// The largest and smallest value that a Relu or a Clip with constant limits lets through.
std::optional<ValueRange> limits_of(const onnx::NodeProto& node, const Wiring& wiring) {
  if (node.op_type() == "Relu") return ValueRange{0, INFINITY};
  if (node.op_type() != "Clip") return std::nullopt;
  ValueRange limits{-INFINITY, INFINITY};
  for (int i = 1; i < node.input_size(); ++i) {
    if (node.input(i).empty()) continue;
    const onnx::TensorProto* limit = wiring.constant(node.input(i));
    const auto value = limit ? float_values(*limit) : Result<std::vector<float>>(std::vector<float>{});
    if (!value || value->size() != 1) return std::nullopt;
    (i == 1 ? limits.low : limits.high) = value->front();
  }
  return limits;
}

/// Writes 8-bit numbers into a copy of a graph.
class Quantiser {
 public:
  Quantiser(const onnx::ModelProto& model, const ValueRanges& ranges, const QuantiseChoice& choice)
      : model_(model),
        graph_(*model_.mutable_graph()),
        ranges_(ranges),
        choice_(choice) {}

  Result<onnx::ModelProto> run() {
    fold_limits();
    const Wiring wiring(graph_);
    chosen_ = chosen_nodes(graph_, wiring, choice_);
    wiring_ = &wiring;
    PERCH_CHECK(find_scales());
    PERCH_CHECK(write());
    drop_unused();
    return std::move(model_);
  }

 private:
  bool is_chosen(int node) const { return chosen_[static_cast<std::size_t>(node)]; }

  /// A Relu or Clip after a layer is done by the limits of 8 bits themselves.
  void fold_limits() {
    const Wiring wiring(graph_);
    const std::vector<bool> chosen = chosen_nodes(graph_, wiring, choice_);
    std::vector<int> folded;
    for (int i = 0; i < graph_.node_size(); ++i) {
      onnx::NodeProto& layer = *graph_.mutable_node(i);
      if (!is_layer(layer, wiring) || !chosen[static_cast<std::size_t>(i)] || wiring.is_output(layer.output(0)))
        continue;
      const auto takers = wiring.consumers.find(layer.output(0));
      if (takers == wiring.consumers.end() || takers->second.size() != 1) continue;
      const onnx::NodeProto& after = graph_.node(takers->second.front());
      const auto limits = limits_of(after, wiring);
      const auto range = ranges_.find(after.output(0));
      if (!limits || range == ranges_.end()) continue;
      const ValueRange with_zero{std::min(range->second.low, 0.0F), std::max(range->second.high, 0.0F)};
      if (with_zero.low < limits->low || with_zero.high > limits->high) continue;
      layer.set_output(0, after.output(0));
      folded.push_back(takers->second.front());
    }
    std::ranges::sort(folded, std::greater());
    for (const int node : folded) graph_.mutable_node()->DeleteSubrange(node, 1);
  }

  /// The tensor whose scale this one has.
  std::string scale_owner(std::string tensor) const {
    for (;;) {
      const auto producer = wiring_->producer.find(tensor);
      if (producer == wiring_->producer.end() || !is_chosen(producer->second)) return tensor;
      const onnx::NodeProto& node = graph_.node(producer->second);
      if (!is_one_of(node.op_type(), kMovers)) return tensor;
      tensor = node.input(0);
    }
  }

  /// Whether x · sigmoid(x) is all that becomes of it: far below zero that is nearly nothing, and not worth codes.
  bool goes_through_silu(const std::string& tensor) const {
    const auto takers = wiring_->consumers.find(tensor);
    if (takers == wiring_->consumers.end() || takers->second.size() != 2 || wiring_->is_output(tensor)) return false;
    const onnx::NodeProto &a = graph_.node(takers->second[0]), &b = graph_.node(takers->second[1]);
    const onnx::NodeProto &sigmoid = a.op_type() == "Sigmoid" ? a : b, &product = a.op_type() == "Sigmoid" ? b : a;
    return sigmoid.op_type() == "Sigmoid" && product.op_type() == "Mul" &&
           std::ranges::find(product.input(), sigmoid.output(0)) != product.input().end();
  }

  Result<void> find_scale(const std::string& tensor) {
    if (quantised_.contains(tensor)) return {};
    const std::string owner = scale_owner(tensor);
    const auto range = ranges_.find(owner);
    if (range == ranges_.end())
      return fail(Errc::internal, fmt::format("the range of '{}' was not observed", printable(owner)));
    quantised_[tensor] = owner;
    ValueRange values = range->second;
    if (goes_through_silu(owner)) values.low = std::max(values.low, kSiluEnds);
    scales_[owner] = scale_of(values, choice_.activations);
    return {};
  }

  Result<void> find_scales() {
    for (int i = 0; i < graph_.node_size(); ++i) {
      if (!is_chosen(i)) continue;
      const onnx::NodeProto& node = graph_.node(i);
      for (int input = 0; input < data_inputs(node); ++input) PERCH_CHECK(find_scale(node.input(input)));
      for (const std::string& output : node.output()) PERCH_CHECK(find_scale(output));
    }
    return {};
  }

  /// Adds the pair of nodes after the tensor `from`; the second makes `to`.
  void add_pair(const std::string& from, const std::string& to, const std::string& owner,
                google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes) {
    const std::string codes = to + "_codes";
    for (const bool quantise : {true, false}) {
      onnx::NodeProto& node = *nodes.Add();
      node.set_op_type(quantise ? "QuantizeLinear" : "DequantizeLinear");
      node.set_name(codes + (quantise ? "_q" : "_dq"));
      node.add_input(quantise ? from : codes);
      node.add_input(owner + "_scale");
      node.add_input(owner + "_zero");
      node.add_output(quantise ? codes : to);
    }
  }

  Result<void> write() {
    for (const auto& [owner, scale] : scales_) add_scale(graph_, owner, scale, choice_.activations);
    google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
    for (const std::string& input : wiring_->inputs)
      if (const auto at = quantised_.find(input); at != quantised_.end())
        add_pair(input, input + "_8bit", at->second, nodes);
    for (int i = 0; i < graph_.node_size(); ++i) {
      onnx::NodeProto node = graph_.node(i);
      if (is_chosen(i) && is_one_of(node.op_type(), kLayers)) PERCH_CHECK(quantise_weights(node, nodes));
      redirect_inputs(node, i);
      std::vector<std::pair<std::string, std::string>> made;  // tensor, name of its float form
      for (std::string& output : *node.mutable_output()) {
        if (!quantised_.contains(output)) continue;
        const std::string name = output;
        if (is_chosen(i) && wiring_->is_output(name)) output = name + "_float";  // the graph's output is the 8-bit one
        made.emplace_back(name, output);
      }
      *nodes.Add() = std::move(node);
      for (const auto& [name, from] : made)
        add_pair(from, from == name ? name + "_8bit" : name, quantised_.at(name), nodes);
    }
    graph_.mutable_node()->Swap(&nodes);
    return {};
  }

  /// A node in 8 bits takes the 8-bit form of what flows in; another one too, where there is no other form.
  void redirect_inputs(onnx::NodeProto& node, int place) const {
    for (int i = 0; i < node.input_size(); ++i) {
      const std::string& tensor = node.input(i);
      if (!quantised_.contains(tensor)) continue;
      const auto producer = wiring_->producer.find(tensor);
      const bool made_in_8_bits = producer != wiring_->producer.end() && is_chosen(producer->second);
      if (made_in_8_bits && wiring_->is_output(tensor)) continue;  // the name is the 8-bit form
      if (made_in_8_bits || (is_chosen(place) && i < data_inputs(node))) node.set_input(i, tensor + "_8bit");
    }
  }

  /// Gives a layer 8-bit weights and a 32-bit bias.
  Result<void> quantise_weights(onnx::NodeProto& node, google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes) {
    const bool along_last =
        node.op_type() == "MatMul" || (node.op_type() == "Gemm" && attribute(node, "transB", 0) == 0);
    LayerWeights layer;
    layer.axis = along_last ? 1 : 0;
    layer.input_scale = scales_.at(quantised_.at(node.input(0))).scale;
    layer.weights = wiring_->constant(node.input(1));
    if (node.input_size() > 2 && !node.input(2).empty()) layer.bias = wiring_->constant(node.input(2));
    layer.name = node.output(0);
    return add_weights(graph_, layer, node, nodes);
  }

  void drop_unused() {
    std::set<std::string> used;
    for (const onnx::NodeProto& node : graph_.node()) used.insert(node.input().begin(), node.input().end());
    for (const onnx::ValueInfoProto& output : graph_.output()) used.insert(output.name());
    auto& constants = *graph_.mutable_initializer();
    constants.erase(std::remove_if(constants.begin(), constants.end(),
                                   [&](const onnx::TensorProto& tensor) { return !used.contains(tensor.name()); }),
                    constants.end());
    graph_.clear_value_info();
  }

  onnx::ModelProto model_;
  onnx::GraphProto& graph_;
  const ValueRanges& ranges_;
  const QuantiseChoice& choice_;
  const Wiring* wiring_ = nullptr;
  std::vector<bool> chosen_;
  std::map<std::string, std::string> quantised_;  ///< each quantised tensor with the tensor whose scale it has
  std::map<std::string, Scale> scales_;
};

}  // namespace

std::vector<std::string> layers_of(const onnx::GraphProto& graph) {
  const Wiring wiring(graph);
  std::vector<std::string> layers;
  for (const onnx::NodeProto& node : graph.node())
    if (is_layer(node, wiring)) layers.push_back(node.output(0));
  return layers;
}

std::vector<std::string> tensors_to_observe(const onnx::GraphProto& graph) {
  const Wiring wiring(graph);
  const std::vector<bool> chosen = chosen_nodes(graph, wiring, {});
  std::set<std::string> wanted;
  for (int i = 0; i < graph.node_size(); ++i) {
    if (!chosen[static_cast<std::size_t>(i)]) continue;
    const onnx::NodeProto& node = graph.node(i);
    for (int input = 0; input < data_inputs(node); ++input) wanted.insert(node.input(input));
    wanted.insert(node.output().begin(), node.output().end());
    const auto takers = wiring.consumers.find(node.output(0));
    if (takers == wiring.consumers.end()) continue;
    for (const int taker : takers->second)
      if (limits_of(graph.node(taker), wiring)) wanted.insert(graph.node(taker).output(0));
  }
  return {wanted.begin(), wanted.end()};
}

Result<onnx::ModelProto> quantise_graph(const onnx::ModelProto& model, const ValueRanges& ranges,
                                        const QuantiseChoice& choice) {
  return Quantiser(model, ranges, choice).run();
}

}  // namespace perch::trainer
