#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "image/picture.hpp"
#include "model/card.hpp"
#include "seam/observation.hpp"

namespace perch::cli {

/// A frame's place in its clip or recording.
struct FramePlace {
  std::int64_t index = 0;     ///< counts all frames from 0
  std::optional<double> t_s;  ///< since the first frame; a recording of temperatures does not say
};

/// What came of one picture, or of one frame of a clip or recording.
struct Outcome {
  std::string file;
  std::filesystem::path relative;   ///< where its annotated picture goes
  std::optional<FramePlace> frame;  ///< its place, when it comes from a clip or a recording
  std::optional<Error> error;       ///< it could not be looked at; nothing below is set then
  image::Size size;                 ///< of the original, in pixels or cells
  Nanoseconds decode{0}, infer{0}, total{0};
  std::vector<Region> regions;  ///< that the model looked at; empty for the whole
  Findings findings;
  std::vector<Value> values;  ///< of the analysis
};

/// One line of JSON, in the form that docs/formats/run.md promises.
/// @param regional  whether regions were asked for, so that findings name theirs
std::string to_json(const Outcome& outcome, const model::Card& card, bool regional);

/// One line for people.
std::string to_line(const Outcome& outcome, const model::Card& card);

/// Draws regions, boxes, poses, heat maps and readings on the picture, which has the size of the original, or shows a
/// grid of temperatures enlarged.
void annotate(image::Picture& picture, const Outcome& outcome, const model::Card& card);

}  // namespace perch::cli
