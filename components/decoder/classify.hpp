#pragma once
#include <memory>

#include "base/result.hpp"
#include "seam/decoder.hpp"
#include "vision/probability.hpp"

namespace perch {
class Registry;
}

/// Classifiers: output [N, classes], also with dimensions of size 1 behind. Gives one `Scores` a region.
namespace perch::decoder::classify {

struct Config {
  vision::Softmax softmax = vision::Softmax::automatic;
};

/// Errors: mismatch when no output has one value a label, or when there is one class only.
Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model);

void describe(Registry& registry);

}  // namespace perch::decoder::classify
