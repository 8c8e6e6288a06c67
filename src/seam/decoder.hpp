#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/picture.hpp"
#include "seam/findings.hpp"
#include "seam/tensor.hpp"

namespace perch {

/// What a decoder must know of the model whose tensors it reads. Passed when it is made, so that a model and a card
/// that do not fit are found out then and not at the first picture.
struct ModelShape {
  image::Size input;                ///< of the model's picture input, in pixels
  std::vector<TensorInfo> outputs;  ///< as the ONNX file declares them; -1 where a dimension is free
  std::vector<std::string> labels;  ///< the card's labels, may be empty
};

/// Tensors of one batch → findings in pixels of the frame. Stateless: one instance serves all workers. @thread any
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Appends what the tensors say to `out`. `placements[i]` belongs to element i of the batch.
  ///
  /// Tensors come from a model file, so their values are outside data: NaN and infinities are dropped, never passed on.
  /// Errors: mismatch when a tensor has another shape than at creation.
  virtual Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const = 0;
};

}  // namespace perch
