#pragma once
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace perch::model {

/// The model as ONNX Runtime's basic optimisations leave it: constants folded, normalisations folded into the
/// convolutions before them, what does nothing taken out. It computes the same, in standard operators of the same
/// operator set.
/// Errors: as `Session::load`, and those of the temporary file it is written to. @thread any, blocks
Result<Bytes> with_basic_optimisations(ByteView onnx, const std::string& where);

}  // namespace perch::model
