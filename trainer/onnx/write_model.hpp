#pragma once
#include <filesystem>

#include "base/bytes.hpp"
#include "model/card.hpp"

namespace perch::trainer {

/// Writes a model and its card beside it, `NAME.onnx` and `NAME.toml`, in place of any that are there. What fails for
/// want of space or rights fails before either is replaced; a crash in between leaves a card that states another
/// sha256. Errors: not_found (the folder), denied, full, io. @thread any, blocks
Result<void> write_model(const std::filesystem::path& model, ByteView onnx, const model::Card& card);

}  // namespace perch::trainer
