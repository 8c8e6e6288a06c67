#pragma once
#include <memory>

#include "base/result.hpp"
#include "seam/decoder.hpp"

namespace perch {
class Registry;
}

/// Models that find one body, as MoveNet: output [N, 1, points, 3] of y, x (0..1 of the input) and score. Gives one
/// `Pose` a region, with the points in the model's order and also where they lie outside the region; its score is the
/// mean of the points' scores. A pose with a value that is not finite is dropped.
/// Source: MoveNet model card.
namespace perch::decoder::pose {

struct Config {
  float min_score = 0;
};

/// Errors: mismatch when no output has that shape, or the labels are not as many as the points.
Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model);

void describe(Registry& registry);

}  // namespace perch::decoder::pose
