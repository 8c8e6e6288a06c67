#pragma once
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "model/model.hpp"
#include "onnx/quantise_model.hpp"
#include "seam/registry.hpp"

namespace perch::accuracy {

/// What a detector becomes in 8 bits.
struct EightBits {
  double ap_in_float = 0;
  double ap_in_int8 = 0;
  double size = 1;   ///< of the file, against float
  double speed = 0;  ///< against float, on one core; 0: not measured
  std::string how;   ///< of each half
};

/// Quantises a detector twice, each time with one half of the photos, and looks at the other half with it; AP is of
/// both halves together.
/// @param model         its ONNX file
/// @param data          the folder of the pictures that tests look at
/// @param options       the thresholds of the reference
/// @param settings      of quantising
/// @param speed_rounds  how often both are timed, in turns; 0: not at all
/// Errors: those of reading, of the model and of quantising
Result<EightBits> in_eight_bits(const std::filesystem::path& model, const std::filesystem::path& data,
                                const model::LoadOptions& options, const trainer::QuantiseSettings& settings,
                                const Registry& registry, int speed_rounds, const trainer::SayLine& say);

}  // namespace perch::accuracy
