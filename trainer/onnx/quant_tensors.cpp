#include "onnx/quant_tensors.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "onnx/quant_graph.hpp"

namespace perch::trainer {

namespace {

constexpr float kCodes = 255;
constexpr float kMostWeight = 127;  // symmetric: −128 is not used
constexpr float kLeastScale = 1e-10F;
/// A bias stays this far below the 32 bits that sums have.
constexpr float kMostBias = 1 << 30;

template <class T>
void fill(onnx::TensorProto& tensor, const std::string& name, onnx::TensorProto::DataType type,
          const std::vector<T>& values) {
  tensor.set_name(name);
  tensor.set_data_type(type);
  tensor.set_raw_data(std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
}

void add_dequantise(const std::string& codes, const std::string& to, int axis,
                    google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes) {
  onnx::NodeProto& node = *nodes.Add();
  node.set_op_type("DequantizeLinear");
  node.set_name(to + "_dq");
  for (const char* end : {"", "_scale", "_zero"}) node.add_input(codes + end);
  node.add_output(to);
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name("axis");
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(axis);
}

/// The channel of each weight: its place along the axis.
std::size_t channel_of(std::size_t place, std::size_t inner, std::size_t channels) {
  return place / inner % channels;
}

}  // namespace

Scale scale_of(ValueRange range, ActivationType type) {
  const float low = std::min(range.low, 0.0F), high = std::max(range.high, 0.0F);
  const int least = type == ActivationType::u8 ? 0 : -128;
  Scale scale;
  scale.scale = std::max((high - low) / kCodes, kLeastScale);
  scale.zero = std::clamp(static_cast<int>(std::lround(static_cast<float>(least) - low / scale.scale)), least,
                          least + static_cast<int>(kCodes));
  return scale;
}

void add_scale(onnx::GraphProto& graph, const std::string& name, const Scale& scale, ActivationType type) {
  fill<float>(*graph.add_initializer(), name + "_scale", onnx::TensorProto::FLOAT, {scale.scale});
  const auto code = static_cast<std::uint8_t>(scale.zero);  // the same byte whether signed or not
  fill<std::uint8_t>(*graph.add_initializer(), name + "_zero",
                     type == ActivationType::u8 ? onnx::TensorProto::UINT8 : onnx::TensorProto::INT8, {code});
}

Result<void> add_weights(onnx::GraphProto& graph, const LayerWeights& layer, onnx::NodeProto& node,
                         google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes) {
  PERCH_TRY(const std::vector<float> weights, float_values(*layer.weights));
  std::vector<float> bias;
  if (layer.bias) {
    PERCH_TRY(bias, float_values(*layer.bias));
  }
  const std::vector<std::int64_t> dims(layer.weights->dims().begin(), layer.weights->dims().end());
  const auto channels = static_cast<std::size_t>(dims[static_cast<std::size_t>(layer.axis)]);
  std::size_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(layer.axis) + 1; i < dims.size(); ++i)
    inner *= static_cast<std::size_t>(dims[i]);

  std::vector<float> scales(channels, 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    float& most = scales[channel_of(i, inner, channels)];
    most = std::max(most, std::abs(weights[i]));
  }
  for (std::size_t c = 0; c < channels; ++c) {
    scales[c] = scales[c] > 0 ? std::max(scales[c] / kMostWeight, kLeastScale) : 1;
    if (bias.size() == channels)  // a channel of nearly nothing with a bias: coarser weights rather than an overflow
      scales[c] = std::max(scales[c], std::abs(bias[c]) / (layer.input_scale * kMostBias));
  }
  std::vector<std::int8_t> codes(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    codes[i] = static_cast<std::int8_t>(
        std::clamp(std::nearbyint(weights[i] / scales[channel_of(i, inner, channels)]), -kMostWeight, kMostWeight));

  const std::string weights_name = layer.name + "_weights";
  onnx::TensorProto& tensor = *graph.add_initializer();
  fill(tensor, weights_name, onnx::TensorProto::INT8, codes);
  for (const std::int64_t dim : dims) tensor.add_dims(dim);
  const auto add_per_channel = [&](const std::string& name, onnx::TensorProto::DataType type, const auto& values) {
    onnx::TensorProto& made = *graph.add_initializer();
    fill(made, name, type, values);
    made.add_dims(static_cast<std::int64_t>(values.size()));
  };
  add_per_channel(weights_name + "_scale", onnx::TensorProto::FLOAT, scales);
  add_per_channel(weights_name + "_zero", onnx::TensorProto::INT8, std::vector<std::int8_t>(channels, 0));
  add_dequantise(weights_name, weights_name + "_float", layer.axis, nodes);
  node.set_input(1, weights_name + "_float");
  if (bias.size() != channels) return {};

  const std::string bias_name = layer.name + "_bias";
  std::vector<std::int32_t> sums(channels);
  std::vector<float> sum_scales(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    sum_scales[c] = layer.input_scale * scales[c];
    sums[c] = static_cast<std::int32_t>(std::llround(double{bias[c]} / sum_scales[c]));
  }
  add_per_channel(bias_name, onnx::TensorProto::INT32, sums);
  add_per_channel(bias_name + "_scale", onnx::TensorProto::FLOAT, sum_scales);
  add_per_channel(bias_name + "_zero", onnx::TensorProto::INT32, std::vector<std::int32_t>(channels, 0));
  add_dequantise(bias_name, bias_name + "_float", 0, nodes);
  node.set_input(2, bias_name + "_float");
  return {};
}

}  // namespace perch::trainer
