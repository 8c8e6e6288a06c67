#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Writes ONNX models: what trainers build their networks with once more, for the edge. Included from files with and
/// without libtorch, so plain C++17. What is wrong with a graph is thrown as a `std::exception`: it is a mistake of the
/// trainer's, not of its input.
namespace perch::trainer {

/// Numbers and lists that a node is given, as ONNX's operators name them.
struct OnnxAttributes {
  std::vector<std::pair<std::string, std::int64_t>> integers;
  std::vector<std::pair<std::string, float>> floats;
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> lists;
  std::vector<std::pair<std::string, std::string>> texts;
};

/// A float tensor with its values, row-major.
struct OnnxWeights {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// A graph that grows node by node. Every value is known by its name, which functions return; names of nodes' outputs
/// are made here. One owner; not for two threads at once.
class OnnxGraph {
 public:
  static constexpr std::int64_t kOperatorSet = 13;  ///< the first with weights quantised a channel
  static constexpr std::int64_t kAnyBatch = -1;     ///< in shapes: as many as the caller likes

  explicit OnnxGraph(const std::string& name);
  ~OnnxGraph();
  OnnxGraph(const OnnxGraph&) = delete;
  OnnxGraph& operator=(const OnnxGraph&) = delete;

  std::string input(const std::string& name, const std::vector<std::int64_t>& shape);
  std::string weights(const OnnxWeights& weights);
  std::string integers(const std::vector<std::int64_t>& values);
  std::string node(const std::string& op, const std::vector<std::string>& inputs,
                   const OnnxAttributes& attributes = {});
  /// Gives a value its name as an output of the model.
  void output(const std::string& value, const std::string& name, const std::vector<std::int64_t>& shape);

  /// x [N,C,H,W] * weights [K,C/groups,h,w] + bias [K], zero padded. @param bias  no values: none
  std::string conv(const std::string& x, const OnnxWeights& weights, const OnnxWeights& bias, int stride, int padding,
                   int groups = 1);
  /// x [N,C] · weightsᵀ [K,C] + bias [K].
  std::string linear(const std::string& x, const OnnxWeights& weights, const OnnxWeights& bias);

  std::string relu(const std::string& x) { return node("Relu", {x}); }

  std::string sigmoid(const std::string& x) { return node("Sigmoid", {x}); }

  std::string add(const std::string& a, const std::string& b) { return node("Add", {a, b}); }

  std::string concat(const std::vector<std::string>& parts, int axis);
  /// Twice as high and wide, each value four times.
  std::string twice(const std::string& x);
  std::string reshape(const std::string& x, const std::vector<std::int64_t>& shape);
  std::string transpose(const std::string& x, const std::vector<std::int64_t>& order);

  /// The file, after ONNX's own checker has passed it.
  std::string bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Folds a batch normalisation y = (x − mean) / sqrt(variance + epsilon) · scale + shift into the convolution before
/// it.
/// @param weights  [K,…]; all other spans have K values
void fold_norm(OnnxWeights& weights, OnnxWeights& bias, const std::vector<float>& mean,
               const std::vector<float>& variance, const std::vector<float>& scale, const std::vector<float>& shift,
               double epsilon);

}  // namespace perch::trainer
