#include "support/tiny_onnx.hpp"

#include <cstring>

namespace perch::test {

namespace {

constexpr std::int64_t kIrVersion = 8;
constexpr std::int64_t kOperatorSet = 17;
constexpr std::int64_t kAttributeInt = 2;
constexpr std::int64_t kAttributeInts = 7;

/// One protobuf message, field by field. Field numbers are those of onnx.proto3.
class Message {
 public:
  Message& number(int field, std::int64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }

  Message& text(int field, const std::string& value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }

  Message& message(int field, const Message& value) { return text(field, value.bytes_); }

  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

Message value_info(const OnnxTensor& tensor) {
  Message shape;
  for (const OnnxDim& dim : tensor.shape)
    shape.message(1, dim.symbol.empty() ? Message().number(1, dim.value) : Message().text(2, dim.symbol));
  const Message type = Message().number(1, static_cast<std::int64_t>(tensor.type)).message(2, shape);
  return Message().text(1, tensor.name).message(2, Message().message(1, type));
}

Message node_of(const OnnxNode& node) {
  Message message;
  for (const std::string& input : node.inputs) message.text(1, input);
  for (const std::string& output : node.outputs) message.text(2, output);
  message.text(4, node.op);
  for (const auto& [name, value] : node.numbers)
    message.message(5, Message().text(1, name).number(3, value).number(20, kAttributeInt));
  for (const auto& [name, values] : node.lists) {
    Message attribute;
    attribute.text(1, name);
    for (const std::int64_t value : values) attribute.number(8, value);
    message.message(5, attribute.number(20, kAttributeInts));
  }
  return message;
}

Message tensor_of(const OnnxConstant& constant) {
  Message message;
  std::size_t count = 1;
  for (const std::int64_t dim : constant.shape) {
    message.number(1, dim);
    count *= static_cast<std::size_t>(dim);
  }
  std::string raw(count * sizeof(float), '\0');
  for (std::size_t i = 0; i < count; ++i) std::memcpy(&raw[i * sizeof(float)], &constant.value, sizeof(float));
  return message.number(2, static_cast<std::int64_t>(OnnxType::f32)).text(8, constant.name).text(9, raw);
}

}  // namespace

Bytes to_onnx(const TinyOnnx& model) {
  Message graph;
  for (const OnnxNode& node : model.nodes) graph.message(1, node_of(node));
  graph.text(2, "tiny");
  for (const OnnxConstant& constant : model.constants) graph.message(5, tensor_of(constant));
  for (const OnnxTensor& input : model.inputs) graph.message(11, value_info(input));
  for (const OnnxTensor& output : model.outputs) graph.message(12, value_info(output));
  const std::string bytes = Message()
                                .number(1, kIrVersion)
                                .message(7, graph)
                                .message(8, Message().text(1, "").number(2, kOperatorSet))
                                .bytes();
  return {bytes.begin(), bytes.end()};
}

Bytes identity_onnx(const OnnxTensor& tensor) {
  OnnxTensor output = tensor;
  output.name = tensor.name + "_out";
  return to_onnx({{tensor}, {output}, {}, {{"Identity", {tensor.name}, {output.name}, {}, {}}}});
}

Bytes mean_onnx(const OnnxDim& batch, const OnnxDim& height, const OnnxDim& width) {
  return to_onnx({{{"pictures", OnnxType::f32, {batch, 3, height, width}}},
                  {{"scores", OnnxType::f32, {batch, 3}}},
                  {},
                  {{"ReduceMean", {"pictures"}, {"scores"}, {{"keepdims", 0}}, {{"axes", {2, 3}}}}}});
}

Bytes constant_onnx(const OnnxTensor& input, const std::vector<OnnxConstant>& outputs) {
  TinyOnnx model;
  model.inputs.push_back(input);
  for (const OnnxConstant& output : outputs) {
    OnnxTensor declared{output.name, OnnxType::f32, {}};
    for (const std::int64_t dim : output.shape) declared.shape.emplace_back(static_cast<int>(dim));
    model.outputs.push_back(declared);
    model.constants.push_back({output.name + "_value", output.shape, output.value});
    model.nodes.push_back({"Identity", {output.name + "_value"}, {output.name}, {}, {}});
  }
  return to_onnx(model);
}

}  // namespace perch::test
