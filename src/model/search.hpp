#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace perch::model {

/// The folders where models are looked for by name, in order: those given, `$PERCH_MODELS` (colon-separated),
/// `./models`, and those that came with the program: `<prefix>/share/perch/models` beside it, or for a program that
/// stands where it was built, `<tree>/build/<preset>`, the tree's `models`. Whether they exist is not asked.
std::vector<std::filesystem::path> model_folders(std::span<const std::filesystem::path> given);

/// The ONNX file of a name (`NAME.onnx` in the first folder that has it) or of a path (with a `/`, or a file that is
/// there). Errors: not_found, with the nearest known name and the places looked at. @thread any, blocks
Result<std::filesystem::path> find_model(std::string_view name_or_path, std::span<const std::filesystem::path> folders);

/// Every ONNX file of the folders, a name once, from the first folder that has it; by name. @thread any, blocks
std::vector<std::filesystem::path> list_models(std::span<const std::filesystem::path> folders);

}  // namespace perch::model
