#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "model/model.hpp"

namespace perch::accuracy {

/// What came of watching boilers of the scene for some weeks, as `perch edge` would: the model, its decoder, the
/// analysis `anomaly` with its own defaults.
struct Watched {
  double weeks = 0;
  int frames_normal = 0, frames_spot = 0;
  double auroc = 0;      ///< of frames with a hot spot against those without
  int spots = 0;         ///< that were there for at least half an hour
  int spots_seen = 0;    ///< the flag was up at some time while they were there
  int spots_placed = 0;  ///< and at the time the heat map's highest cell was within 2.5 cells of the truth
  int false_alarms = 0;  ///< the flag rose with no spot there
  int worst_plant = 0;   ///< false alarms of the plant with the most
};

/// Watches `plants` boilers, seeds from `first_seed` up, a week each, with a frame every `every_s`. Each has hot spots
/// twice as often as the scene usually has.
/// Errors: those of the predictor and the analysis. @thread any, blocks
Result<Watched> watch_boilers(const std::shared_ptr<const model::Model>& model, std::int64_t first_seed, int plants,
                              double every_s);

/// What came of watching which state boilers are in.
struct StatesWatched {
  int frames = 0;
  int right = 0;    ///< the model's likeliest state of the frame alone is the truth's
  int given = 0;    ///< the analysis `state` gave the truth's
  int unknown = 0;  ///< it gave none: a frame that counts as not right

  double accuracy() const { return static_cast<double>(right) / frames; }

  double given_accuracy() const { return static_cast<double>(given) / frames; }
};

/// Watches `plants` boilers, seeds from `first_seed` up, a day each, with a frame every `every_s`, through the model,
/// its decoder and the analysis `state` with its own defaults. The truth is the scene's: by the water's temperature at
/// that instant, however near it is to the next state.
/// Errors: those of the predictor and the analysis. @thread any, blocks
Result<StatesWatched> watch_states(const std::shared_ptr<const model::Model>& model, std::int64_t first_seed,
                                   int plants, double every_s);

}  // namespace perch::accuracy
