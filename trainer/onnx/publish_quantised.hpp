#pragma once
#include <filesystem>

#include "base/result.hpp"
#include "learn/compare.hpp"
#include "onnx/quantise_model.hpp"

namespace perch::trainer {

/// What came of an 8-bit model.
struct Judgement {
  learn::Comparison comparison;  ///< of the float model with it
  bool good = false;             ///< it was published
};

/// Whether an 8-bit model can be written there: to be asked before the work begins.
/// Errors: invalid (`out` is no .onnx file, or the float model itself), not_found (its folder), denied. @thread any,
/// blocks
Result<void> check_target(const std::filesystem::path& in_float, const std::filesystem::path& out);

/// Compares an 8-bit model with the float one it was made of, and writes it and its card only when it loses no more
/// than `max_loss`.
/// @param judging  pictures that were not used to make it
/// @param out      NAME.onnx; the card goes beside it as NAME.toml
/// Errors: those of `check_target`; invalid (neither finds anything in any of them); those of measuring and writing.
/// @thread any, blocks
Result<Judgement> publish_if_good(const model::Model& in_float, const Quantised& quantised, const learn::Exam& judging,
                                  double max_loss, const std::filesystem::path& out, const Registry& registry);

}  // namespace perch::trainer
