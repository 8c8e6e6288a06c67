#include "onnx/graph.hpp"

#include <cmath>

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

namespace perch::trainer {

namespace {

constexpr std::int64_t kIrVersion = 8;
constexpr const char* kBatch = "batch";

void describe_value(const std::string& name, const std::vector<std::int64_t>& shape, ::onnx::ValueInfoProto& out) {
  out.set_name(name);
  auto* type = out.mutable_type()->mutable_tensor_type();
  type->set_elem_type(::onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : shape) {
    auto* one = type->mutable_shape()->add_dim();
    if (dim == OnnxGraph::kAnyBatch)
      one->set_dim_param(kBatch);
    else
      one->set_dim_value(dim);
  }
}

void add_attributes(const OnnxAttributes& attributes, ::onnx::NodeProto& node) {
  const auto add = [&](const std::string& name, ::onnx::AttributeProto::AttributeType type) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
  };
  for (const auto& [name, value] : attributes.integers) add(name, ::onnx::AttributeProto::INT)->set_i(value);
  for (const auto& [name, value] : attributes.floats) add(name, ::onnx::AttributeProto::FLOAT)->set_f(value);
  for (const auto& [name, value] : attributes.texts) add(name, ::onnx::AttributeProto::STRING)->set_s(value);
  for (const auto& [name, values] : attributes.lists) {
    auto* attribute = add(name, ::onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute->add_ints(value);
  }
}

}  // namespace

struct OnnxGraph::Impl {
  ::onnx::ModelProto model;
  int values = 0;

  ::onnx::GraphProto& graph() { return *model.mutable_graph(); }

  std::string next(const std::string& what) { return what + "_" + std::to_string(++values); }
};

OnnxGraph::OnnxGraph(const std::string& name) : impl_(std::make_unique<Impl>()) {
  impl_->model.set_ir_version(kIrVersion);
  impl_->model.set_producer_name("perch-train");
  auto* operators = impl_->model.add_opset_import();
  operators->set_domain("");
  operators->set_version(kOperatorSet);
  impl_->graph().set_name(name);
}

OnnxGraph::~OnnxGraph() = default;

std::string OnnxGraph::input(const std::string& name, const std::vector<std::int64_t>& shape) {
  describe_value(name, shape, *impl_->graph().add_input());
  return name;
}

std::string OnnxGraph::weights(const OnnxWeights& weights) {
  auto* tensor = impl_->graph().add_initializer();
  tensor->set_name(impl_->next("weights"));
  tensor->set_data_type(::onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : weights.shape) tensor->add_dims(dim);
  tensor->set_raw_data(weights.values.data(), weights.values.size() * sizeof(float));
  return tensor->name();
}

std::string OnnxGraph::integers(const std::vector<std::int64_t>& values) {
  auto* tensor = impl_->graph().add_initializer();
  tensor->set_name(impl_->next("integers"));
  tensor->set_data_type(::onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<std::int64_t>(values.size()));
  tensor->set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
  return tensor->name();
}

std::string OnnxGraph::node(const std::string& op, const std::vector<std::string>& inputs,
                            const OnnxAttributes& attributes) {
  auto* node = impl_->graph().add_node();
  node->set_op_type(op);
  for (const std::string& input : inputs) node->add_input(input);
  node->add_output(impl_->next(op));
  node->set_name(node->output(0));
  add_attributes(attributes, *node);
  return node->output(0);
}

void OnnxGraph::output(const std::string& value, const std::string& name, const std::vector<std::int64_t>& shape) {
  auto* node = impl_->graph().add_node();
  node->set_op_type("Identity");
  node->set_name("output_" + name);
  node->add_input(value);
  node->add_output(name);
  describe_value(name, shape, *impl_->graph().add_output());
}

std::string OnnxGraph::conv(const std::string& x, const OnnxWeights& w, const OnnxWeights& bias, int stride,
                            int padding, int groups) {
  std::vector<std::string> inputs{x, weights(w)};
  if (!bias.values.empty()) inputs.push_back(weights(bias));
  OnnxAttributes attributes;
  attributes.integers = {{"group", groups}};
  attributes.lists = {{"kernel_shape", {w.shape.at(2), w.shape.at(3)}},
                      {"strides", {stride, stride}},
                      {"pads", {padding, padding, padding, padding}}};
  return node("Conv", inputs, attributes);
}

std::string OnnxGraph::linear(const std::string& x, const OnnxWeights& w, const OnnxWeights& bias) {
  OnnxAttributes attributes;
  attributes.integers = {{"transB", 1}};
  return node("Gemm", {x, weights(w), weights(bias)}, attributes);
}

std::string OnnxGraph::concat(const std::vector<std::string>& parts, int axis) {
  OnnxAttributes attributes;
  attributes.integers = {{"axis", axis}};
  return node("Concat", parts, attributes);
}

std::string OnnxGraph::twice(const std::string& x) {
  OnnxAttributes attributes;
  attributes.texts = {{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}};
  return node("Resize", {x, "", weights({{4}, {1, 1, 2, 2}})}, attributes);
}

std::string OnnxGraph::reshape(const std::string& x, const std::vector<std::int64_t>& shape) {
  return node("Reshape", {x, integers(shape)});
}

std::string OnnxGraph::transpose(const std::string& x, const std::vector<std::int64_t>& order) {
  OnnxAttributes attributes;
  attributes.lists = {{"perm", order}};
  return node("Transpose", {x}, attributes);
}

std::string OnnxGraph::bytes() const {
  ::onnx::checker::check_model(impl_->model);
  return impl_->model.SerializeAsString();
}

void fold_norm(OnnxWeights& weights, OnnxWeights& bias, const std::vector<float>& mean,
               const std::vector<float>& variance, const std::vector<float>& scale, const std::vector<float>& shift,
               double epsilon) {
  const std::size_t kernels = mean.size();
  const std::size_t each = weights.values.size() / kernels;
  if (bias.values.empty()) bias = {{static_cast<std::int64_t>(kernels)}, std::vector<float>(kernels)};
  for (std::size_t k = 0; k < kernels; ++k) {
    const double factor = static_cast<double>(scale[k]) / std::sqrt(static_cast<double>(variance[k]) + epsilon);
    for (std::size_t i = 0; i < each; ++i) {
      float& value = weights.values[k * each + i];
      value = static_cast<float>(static_cast<double>(value) * factor);
    }
    bias.values[k] = static_cast<float>((static_cast<double>(bias.values[k]) - static_cast<double>(mean[k])) * factor +
                                        static_cast<double>(shift[k]));
  }
}

}  // namespace perch::trainer
