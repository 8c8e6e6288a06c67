#pragma once
#include <cstddef>
#include <vector>

/// Which of a detector's grid cells learn which thing. Pure; plain C++17.
namespace perch::trainer {

/// A thing in a picture that is learned from, in pixels of the network's input.
struct Target {
  float cx = 0, cy = 0, width = 0, height = 0;
  int label = 0;
  bool counts =
      true;  ///< false: cells that lie in it learn nothing, neither that something is there nor that nothing is
};

/// A cell of the grid with what the network says there now.
struct Cell {
  float cx = 0, cy = 0;  ///< its centre, px
  float stride = 0;      ///< its size, px
};

/// What a cell learns.
struct Assignment {
  static constexpr int kNothing = -1;  ///< that nothing is there
  static constexpr int kIgnored = -2;  ///< not at all

  std::vector<int> target_of;  ///< for each cell a place in the list of targets, or one of the above
  std::vector<float> iou_of;   ///< how well the cell's box fits now; 0 where there is no target
  int positives = 0;
};

/// Simplified optimal transport: each target takes the cells near its middle whose present box and score fit it best,
/// as many as the sum of its ten best overlaps; a cell that several want goes to the one that it fits best.
/// Source: Ge et al., "OTA", 2021, and SimOTA in YOLOX.
/// @param boxes   [cells][4]: present cx, cy, width, height, px
/// @param scores  [cells][1 + classes]: present objectness and classes, 0..1
Assignment assign(const std::vector<Cell>& cells, const float* boxes, const float* scores, int classes,
                  const std::vector<Target>& targets);

}  // namespace perch::trainer
