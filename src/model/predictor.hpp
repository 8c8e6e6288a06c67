#pragma once
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "image/codec.hpp"
#include "model/model.hpp"
#include "model/preprocess.hpp"
#include "model/session.hpp"
#include "seam/findings.hpp"
#include "seam/frame.hpp"

namespace perch::model {

/// Where the time of one picture went. Values are added to, so that one `Timing` can sum several models' work.
struct Timing {
  Nanoseconds decode{0};
  Nanoseconds preprocess{0};
  Nanoseconds infer{0};
  Nanoseconds postprocess{0};
};

/// The shape of one batch element of a model's input, as `Runner` wants it.
std::vector<std::int64_t> element_shape(const image::TensorFormat& format);

/// Takes pictures through a model. Owns all memory that this needs and reuses it. One a worker; not for two threads at
/// once.
class Predictor {
 public:
  explicit Predictor(std::shared_ptr<const Model> model);

  /// From the bytes of a JPEG or PNG: decodes (reduced where the model needs no more), then as below.
  /// @param regions  in pixels of the full frame; empty: the whole
  /// @param out      findings are appended
  /// @returns the full size of the frame. Errors: those of decoding, and as below
  Result<image::Size> predict(ByteView jpeg_or_png, std::span<const Region> regions, Findings& out, Timing& timing);

  /// From a decoded picture, or a field of temperatures for a model whose card is in °C: preprocessing, inference,
  /// decoder. All regions go through the model as batches where it allows.
  /// @param sight  RGB or grey, may be a reduced form of the frame; or °C
  /// @param full   size of the frame, which regions and findings refer to
  /// Errors: invalid (a region outside the frame), mismatch (the model looks at the other kind of frame; tensors of an
  ///         unexpected shape), internal (ONNX Runtime)
  Result<void> predict(const Sight& sight, image::Size full, std::span<const Region> regions, Findings& out,
                       Timing& timing);

  /// From a grid of temperatures, for a model whose card is in °C. Its frame's pixels are its cells.
  /// Errors: as above, and invalid (a grid that is not rows × cols, or without any temperature)
  Result<void> predict(const ThermalGrid& grid, std::span<const Region> regions, Findings& out, Timing& timing);

  /// The smallest decoded size that loses nothing for these regions.
  image::Size needed(image::Size full, std::span<const Region> regions) const;

  const Model& model() const { return *model_; }

  /// The last picture that was decoded from bytes; valid until the next one.
  const image::Picture& picture() const { return picture_; }

 private:
  Result<void> run_batch(const Sight& sight, image::Size full, std::span<const Region> regions, Findings& out,
                         Timing& timing);

  std::shared_ptr<const Model> model_;
  Preprocessor preprocessor_;
  Runner runner_;
  image::PictureDecoder decoder_;
  image::Picture picture_;
  std::vector<Placement> placements_;
};

}  // namespace perch::model
