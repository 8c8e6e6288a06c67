#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

/// ONNX files of a few hundred bytes, written by hand: for tests that need models of odd shapes, right and wrong.
namespace perch::test {

/// Element types as ONNX numbers them.
enum class OnnxType : std::uint8_t { f32 = 1, u8 = 2, i8 = 3, i32 = 6, i64 = 7, f16 = 10, f64 = 11 };

/// One axis: a number, or a name where it is free.
struct OnnxDim {
  OnnxDim(int number) : value(number) {}

  OnnxDim(const char* name) : symbol(name) {}

  std::int64_t value = 0;
  std::string symbol;
};

struct OnnxTensor {
  std::string name;
  OnnxType type = OnnxType::f32;
  std::vector<OnnxDim> shape;
};

struct OnnxNode {
  std::string op;
  std::vector<std::string> inputs, outputs;
  std::vector<std::pair<std::string, std::int64_t>> numbers;             ///< attributes
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> lists;  ///< attributes
};

/// A float tensor that is part of the model; filled with `value`.
struct OnnxConstant {
  std::string name;
  std::vector<std::int64_t> shape;
  float value = 0;
};

struct TinyOnnx {
  std::vector<OnnxTensor> inputs, outputs;
  std::vector<OnnxConstant> constants;
  std::vector<OnnxNode> nodes;
};

/// The file's bytes: IR version 8, operator set 17.
Bytes to_onnx(const TinyOnnx& model);

/// Passes its input on as its output.
Bytes identity_onnx(const OnnxTensor& tensor);

/// [batch, 3, height, width] f32 → "scores" [batch, 3]: the mean of each channel.
Bytes mean_onnx(const OnnxDim& batch, const OnnxDim& height, const OnnxDim& width);

/// A model that says the same of every picture: each output has its shape, filled with its value.
Bytes constant_onnx(const OnnxTensor& input, const std::vector<OnnxConstant>& outputs);

}  // namespace perch::test
