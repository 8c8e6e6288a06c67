#pragma once
#include <memory>

#include "base/result.hpp"
#include "seam/decoder.hpp"
#include "vision/probability.hpp"

namespace perch {
class Registry;
}

/// Readers of one digit window: output [N, 10] whole digits, or [N, 100] tenths of a roller's turn, as logits or
/// probabilities. Gives one `Digit` a region.
namespace perch::decoder::digits {

struct Config {
  vision::Softmax softmax = vision::Softmax::automatic;
};

/// Errors: mismatch when no output has 10 or 100 values.
Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model);

void describe(Registry& registry);

}  // namespace perch::decoder::digits
