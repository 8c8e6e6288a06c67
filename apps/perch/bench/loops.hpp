#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "image/picture.hpp"

namespace perch::bench {

/// What simulated cameras look at over and over: pictures of scenes, rendered beforehand.
struct LoopPlan {
  std::vector<std::string> scenes{"lot", "room"};
  int count = 4;  ///< loops; the scenes in turn, each with another seed
  int pictures = 15;
  Seconds every{2};  ///< between the pictures of one
  image::Size size{640, 480};
};

/// Renders them, each into a folder of its own in `folder`, and returns these.
/// Errors: those of the scenes, of encoding and of writing. @thread any, blocks
Result<std::vector<std::filesystem::path>> render_loops(const LoopPlan& plan, const std::filesystem::path& folder);

}  // namespace perch::bench
