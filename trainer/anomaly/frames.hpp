#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "anomaly/network.hpp"
#include "base/result.hpp"
#include "core/loop.hpp"
#include "learn/dataset.hpp"
#include "model/card.hpp"

namespace perch::trainer {

/// The frames of a split, as the model's inputs.
struct SplitFrames {
  AnomalyFrames normal, unusual;
  std::vector<std::string> normal_names, unusual_names;
};

/// Whether a picture shows something unusual: its attribute `anomaly` is true, or one of its labels is called so.
bool is_unusual(const learn::Sample& sample);

/// Reads the frames of a split through the edge's own decoding and preprocessing, by the card that is published. What
/// cannot be read is told to `say` and left out.
/// @param card  with its input size filled in
/// Errors: invalid (numbers of the card). @thread any, blocks
Result<SplitFrames> read_frames(const learn::Dataset& data, learn::Split split, const model::Card& card,
                                const Say& say);

}  // namespace perch::trainer
