#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

struct OrtEnv;

namespace perch::model {

/// The ONNX Runtime that this process uses.
struct Runtime {
  std::string library;            ///< the file it was opened from
  std::string version;            ///< "1.27.0"
  OrtEnv* environment = nullptr;  ///< lives as long as the process; internal to the sessions
};

/// Opens ONNX Runtime, once for the process: from `$PERCH_ONNXRUNTIME` (a file or a folder; nothing else then),
/// `../lib` beside the program, where scripts/setup put it, the system. It is never closed. Its telemetry is switched
/// off before its environment is made, and its own log goes to ours. Errors: not_found (with the places looked at),
/// unsupported (older than 1.21), internal. A failure is remembered.
/// @thread any, blocks the first time
Result<const Runtime*> runtime();

/// Where `runtime` looks, in order; names without a folder are the system's to find.
std::vector<std::filesystem::path> runtime_candidates();

/// Opens one library file and checks that it is an ONNX Runtime of a version that serves, without using it; a library
/// that does not serve is closed again. Errors: not_found (cannot be opened, with the loader's reason), invalid (no
/// ONNX Runtime), unsupported (too old).
Result<Runtime> probe_runtime(const std::filesystem::path& library);

}  // namespace perch::model
