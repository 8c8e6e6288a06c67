#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace perch::trainer {

/// The part of a model that leads to its features: all else is cut off.
struct FeatureModel {
  Bytes onnx;          ///< the model's input, and `features` [batch,size] as its only output
  std::string tensor;  ///< the tensor of the model whose channels the features are of
  std::int64_t size = 0;
};

/// Makes a model of features: of each channel of a tensor [batch,channels,rows,columns] its mean and its highest value.
/// Without a name that tensor is chosen: of the coarsest with more than one place the one with the most channels, of
/// equals the last, which is what a trunk ends in, whatever heads it has.
/// @param input_shape  [channels,rows,columns] or as the model has it, without the batch axis: fills in what it leaves
///                     free
/// Errors: invalid (no ONNX), not_found (no such tensor, none that fits), unsupported. @thread any
Result<FeatureModel> make_feature_model(ByteView onnx, const std::string& where, const std::string& tensor,
                                        const std::vector<std::int64_t>& input_shape);

/// The same with a linear layer on top: output `logits` [batch,classes].
/// @param weights  [classes,size], row by row; @param bias  [classes]
std::string with_linear(const FeatureModel& model, const std::vector<float>& weights, const std::vector<float>& bias);

}  // namespace perch::trainer
