#pragma once
#include <atomic>
#include <optional>
#include <vector>

#include "run/inputs.hpp"
#include "run/looker.hpp"
#include "video/clip.hpp"
#include "video/grid_reader.hpp"

namespace perch::cli {

/// Turns inputs into jobs one after another, a clip into a job for each frame that is wanted, and a recording of
/// temperatures into one for each grid. @thread one
class JobSource {
 public:
  /// @param every_s  wanted time between frames of a clip; 0 for all
  /// @param grid     how large the grids of recordings of temperatures are
  /// @param stop     when set, no more jobs come
  JobSource(std::vector<Input> inputs, double every_s, video::GridSize grid, const std::atomic<bool>& stop);

  std::optional<Job> next();

 private:
  std::optional<Job> next_of_clip(const Input& input);
  std::optional<Job> next_of_grids(const Input& input);

  std::vector<Input> inputs_;
  double every_s_;
  video::GridSize grid_size_;
  const std::atomic<bool>& stop_;
  std::size_t at_ = 0;
  std::optional<video::ClipReader> clip_;
  double due_s_ = 0;
  std::optional<video::GridReader> grids_;
  std::int64_t grid_index_ = 0;
};

}  // namespace perch::cli
