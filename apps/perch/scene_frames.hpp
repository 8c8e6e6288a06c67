#pragma once
#include <atomic>
#include <functional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "config/node.hpp"
#include "scenes/scene.hpp"

namespace perch::cli {

/// Which frames of a scene are wanted.
struct FramePlan {
  std::string scene;
  config::Node settings{config::Table{}};  ///< of the scene, without its seed
  std::int64_t frames = 1;
  std::int64_t seed = 1, seeds = 1;  ///< the frames are spread over so many seeds, from `seed` on
  double at_s = 0, every_s = 1;      ///< time of the first since midnight, and from one to the next

  std::int64_t per_seed() const { return (frames + seeds - 1) / seeds; }
};

struct SceneFrame {
  std::string name;  ///< SCENE-SEED-NUMBER
  scenes::View view;
  Bytes jpeg;
};

/// Renders the frames of a plan on several threads and hands each to `take`, one at a time and in order. The same plan
/// gives the same bytes whatever the number of threads.
///
/// @param stop  no further frame is begun once it is set
/// @return how many were taken. Errors: those of the scene, the encoder and `take`; the first one ends it. @thread any,
/// blocks
Result<std::int64_t> render_frames(const FramePlan& plan, int threads, const std::atomic<bool>& stop,
                                   const std::function<Result<void>(const SceneFrame&)>& take);

}  // namespace perch::cli
