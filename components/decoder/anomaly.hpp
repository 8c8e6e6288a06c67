#pragma once
#include <memory>

#include "base/result.hpp"
#include "seam/decoder.hpp"

namespace perch {
class Registry;
}

/// Models that say how unusual a picture or a thermal grid is, and where. Outputs: `score` [N, 1] and `map`
/// [N, 1, rows, cols], which covers the input; larger is more unusual.
///
/// Gives one `Number` "score" and one `Grid` a region, both in units of the threshold: 1 is where the unusual begins,
/// whatever the model's own numbers are. Of the map only cells whose centre shows the region are kept, rounded to
/// three decimals, so that a reading with its heat map stays small.
namespace perch::decoder::anomaly {

struct Config {
  float threshold = 1;  ///< the model's score where the unusual begins
};

/// Errors: mismatch when there are no outputs `score` and `map` of these shapes.
Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model);

void describe(Registry& registry);

}  // namespace perch::decoder::anomaly
