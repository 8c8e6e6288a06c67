#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/geometry.hpp"
#include "base/result.hpp"
#include "image/codec.hpp"
#include "learn/dataset.hpp"
#include "model/card.hpp"
#include "model/preprocess.hpp"
#include "seam/frame.hpp"

namespace perch::trainer {

/// Whether every picture of a data set has its temperatures beside it, so that the model looks at these.
bool is_thermal(const learn::Dataset& data);

/// What a sample shows, as it came off the disk: the bytes of its picture, or its grid.
struct RawSample {
  std::string name;
  Bytes bytes;       ///< JPEG or PNG; empty for a grid
  ThermalGrid grid;  ///< repaired; of no rows for a picture

  bool thermal() const { return grid.rows > 0; }
};

/// Reads a sample's picture, or its grid of temperatures. The file of a grid does not say its shape: it is that of its
/// values' rows and columns that comes nearest to the shape of the sample's picture.
/// Errors: those of reading; invalid (a grid that has not the shape of its picture). @thread any, blocks
Result<RawSample> read_sample(const learn::Sample& sample, bool thermal);

/// All of a frame, in shares of its sides.
inline constexpr Box kWholeFrame{0, 0, 1, 1};

/// Brings samples into a model's input through the edge's own decoding and preprocessing, by the card that is
/// published. Owns the memory that this needs. One owner; not for two threads at once.
class ModelInput {
 public:
  /// @param input  of the card, with its size filled in. Errors: invalid (numbers of the card)
  static Result<ModelInput> create(const model::InputCard& input);

  /// @param view  the part of the frame to show, in shares of its sides
  /// @param out   exactly `values()`
  /// Errors: those of decoding; mismatch (a picture where the card wants temperatures, or the other way round)
  Result<void> fill(const RawSample& sample, std::span<float> out, const Box& view = kWholeFrame);

  /// Numbers of one input.
  std::size_t values() const { return format_.bytes() / sizeof(float); }

  /// Of one input, without the batch axis.
  std::vector<std::int64_t> shape() const;

 private:
  ModelInput(const model::InputCard& input, const image::TensorFormat& format);

  model::InputCard input_;
  image::TensorFormat format_;
  model::Preprocessor preprocessor_;
  image::PictureDecoder decoder_;
  image::Picture picture_;
};

}  // namespace perch::trainer
